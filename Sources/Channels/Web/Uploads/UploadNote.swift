internal import Exchange
internal import Foundation

/// What the service notes of a set that comes file by file, so that it can go on after a restart.
struct UploadNote: Codable, Hashable, Sendable {
    /// Of this shape.
    private var version = 1
    /// The name of the set's GO.
    let trigger: FileName
    /// Bytes each file will have, by its name as escaped.
    private var lengths: [String: UInt64] = [:]

    init(trigger: FileName) {
        self.trigger = trigger
    }

    /// Nil when the bytes are no note of ours.
    init?(_ bytes: [UInt8]?) {
        guard let bytes, let note = try? JSONDecoder().decode(UploadNote.self, from: Data(bytes)),
            note.version == 1
        else { return nil }
        self = note
    }

    var bytes: [UInt8] {
        get throws { try JSONDocument.bytes(self) }
    }

    /// Bytes the file will have; nil when it was not announced.
    subscript(file: FileName) -> UInt64? {
        get { lengths[file.escaped] }
        set { lengths[file.escaped] = newValue }
    }

    var files: [FileName] {
        lengths.keys.sorted().compactMap { FileName(escaped: $0) }
    }
}
