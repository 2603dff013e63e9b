public import Foundation

extension Date {
    private static let timestampStyle = Date.ISO8601FormatStyle.iso8601WithTimeZone(
        includingFractionalSeconds: true)

    /// ISO 8601 in UTC with milliseconds, such as `2026-01-31T08:30:00.123Z`: how times stand in JSON and in the log.
    /// The millisecond is the nearest one: the style cuts, and as a double many a millisecond lies a little below itself.
    public var timestamp: String { (self + 0.0005).formatted(Date.timestampStyle) }

    /// Reads what `timestamp` wrote.
    init(timestamp: String) throws {
        try self.init(timestamp, strategy: Date.timestampStyle)
    }
}

extension JSONEncoder {
    /// Sorted keys, times in UTC with milliseconds, slashes left alone: the same value gives the same bytes.
    public static var stable: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.timestamp)
        }
        return encoder
    }
}

extension DecisionRecord {
    func json() throws -> String {
        String(decoding: try JSONEncoder.stable.encode(self), as: UTF8.self)
    }

    /// Reads what `json` wrote.
    public init(json: String) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try Date(timestamp: decoder.singleValueContainer().decode(String.self))
        }
        self = try decoder.decode(DecisionRecord.self, from: Data(json.utf8))
    }
}
