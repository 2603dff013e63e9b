internal import Exchange
internal import Logging

/// What every session of a server works with.
struct SFTPSessionServices: Sendable {
    let configuration: SFTPServerConfiguration
    let directory: any SenderDirectory
    let intake: any Intake
    let gate: SFTPGate
    let logger: Logger
}

/// A peer's text as a log may show it: bounded, without anything that could act on a terminal.
func escapedForLog(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(64).map { scalar in
        scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\\"
            ? String(Character(scalar)) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return shown.joined() + (text.unicodeScalars.count > 64 ? "…" : "")
}
