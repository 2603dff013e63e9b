public import ArgumentParser
public import Exchange
public import Foundation
internal import Pipeline

/// `--config FILE` on every command.
struct InstanceOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "The configuration file; otherwise ECLUSE_CONFIG, otherwise config/ecluse.yaml.")
    var file: String?

    private static let usual = "config/ecluse.yaml"

    func open() throws(ConfigurationFault) -> Instance {
        if let named = file ?? ProcessInfo.processInfo.environment["ECLUSE_CONFIG"] {
            return try Instance(file: named)
        }
        guard FileManager.default.fileExists(atPath: InstanceOptions.usual) else {
            throw ConfigurationFault(
                file: InstanceOptions.usual, line: nil, key: nil,
                sentence: "there is no such file here; name the configuration with --config or ECLUSE_CONFIG")
        }
        return try Instance(file: InstanceOptions.usual)
    }
}

/// `--json` on every reading command.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON: one value, or one object a line for lists.")
    var isJSON = false

    func print(_ value: some Encodable, words: () -> String) throws {
        Swift.print(isJSON ? try Output.json(value) : words())
    }

    func print<Row: Encodable>(rows: [Row], header: [String], columns: (Row) -> [String]) throws {
        if isJSON {
            for row in rows { Swift.print(try Output.json(row)) }
        } else {
            Swift.print(Output.table([header] + rows.map(columns)))
        }
    }
}

enum Output {
    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder.stable.encode(value), as: UTF8.self)
    }

    /// Columns padded to the widest cell, two spaces between.
    static func table(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(
                separator: "  "
            )
            .replacing(#/\ +$/#, with: "")
        }.joined(separator: "\n")
    }

    static func warn(_ words: String) {
        StandardError.write(line: words)
    }
}

extension SenderNumber: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

extension Ticket: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument.uppercased())
    }
}

extension ChannelKind: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}

extension Date: @retroactive ExpressibleByArgument {
    /// ISO 8601, such as `2026-01-31T00:00:00Z`, or a day alone (midnight UTC).
    public init?(argument: String) {
        let text = argument.count == 10 ? argument + "T00:00:00Z" : argument
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        self = date
    }
}
