@testable internal import Exchange

extension FuzzTarget {
    /// The name of a file.
    ///
    /// Proves: its escaped form is printable, safe on disk, and read as the same name; a name that follows the
    /// convention is written from its parts as it was; the GO of a set is a name of that set.
    static let names = FuzzTarget(name: "names", longest: 90) {
        [[UInt8]](
            texts: "FI.DMFA.006400.20070423.00001.R.4.1", "GO.DMFA.006400.20070423.00001.R.4",
            "FS.WECH.006400.20240229.0000Z.S",
            "TD.DIMN.999998.20261121.ZZZZZ.T.9", "XX.DMFA.006400.20070423.00001.R.4", ".hidden", "a.filepart",
            "..")
    } prove: { input in
        let text = String(decoding: input, as: UTF8.self)
        if let name = FileName(escaped: text) {
            hold(FileName(escaped: name.escaped) == name, "a name that changes")
        }
        guard let name = FileName(input) else { return }
        let isSafe = name.escaped.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x5C }
        hold(
            isSafe && !name.escaped.hasPrefix(".") && name.escaped.utf8.count <= 255,
            "unsafe: \(name.escaped)")
        hold(FileName(escaped: name.escaped) == name, "a name that changes: \(name.escaped)")
        _ = ArrivalName(name)
        do throws(PartName.Fault) {
            judge(try PartName(name), of: name)
        } catch {
            hold(!error.codes.isEmpty, "a fault without a code")
        }
    }

    private static func judge(_ part: PartName, of name: FileName) {
        let set = part.set
        var elements = [
            part.kind.rawValue, "\(set.purpose)", "\(set.sender)", set.date.compact, set.sequence,
            set.environment.rawValue,
        ]
        if let parts = set.parts { elements.append("\(parts)") }
        if let number = part.part { elements.append("\(number)") }
        hold(
            elements.joined(separator: ".").utf8.elementsEqual(name.bytes),
            "\(name) is written as \(elements)")
        let trigger = set.triggerName
        hold(trigger.flatMap { try? PartName($0) }?.set == set, "the GO of \(name) is of another set")
        hold(trigger.map { ArrivalName($0).isTrigger } ?? false, "the GO of \(name) is none")
    }
}
