internal import Foundation
internal import Logging
internal import Pipeline

/// One JSON object a line on standard error: time, level, message, then the metadata.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.mapValues { "\($0)" }
        fields["time"] = Date().timestamp
        fields["level"] = event.level.rawValue
        fields["message"] = "\(event.message)"
        guard let line = try? JSONEncoder.line.encode(fields) else { return }
        StandardError.write(line + Data([0x0A]))
    }
}

extension JSONEncoder {
    fileprivate static let line: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
}
