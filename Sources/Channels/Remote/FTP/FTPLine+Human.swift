extension FTPLine {
    /// A line of LIST, which no standard describes: as `ls -l` writes it, or as the servers of DOS and Windows do.
    static func human(_ line: [UInt8]) -> FTPLine {
        guard let first = line.first(where: { $0 != 0x20 }) else { return .blank }
        return (0x30...0x39).contains(first) ? dos(line) : unix(line)
    }

    /// `drwxr-xr-x  2 owner group  4096 Nov 21 12:25 name`. Owner and group may be missing or have spaces: the date
    /// is what is looked for, with a number before it.
    static func unix(_ line: [UInt8]) -> FTPLine {
        let words = FTPWords(line, limit: 16)
        if words.count == 2, words.text(0) == "total", words.words[1].decimal != nil { return .blank }
        guard words.count >= 5, words.words[0].count >= 10, let letter = words.words[0].first else {
            return .unknown
        }
        for index in 1..<words.count - 1 {
            guard let size = words.words[index].decimal, let last = dateEnd(words, after: index) else {
                continue
            }
            let stamp = (index + 1...last).map(words.text).joined(separator: " ")
            let name = words.rest(after: last)
            switch letter {
            case 0x2D: return of(name, .file, size: size, stamp: stamp)
            case 0x64: return of(name, .directory, size: nil, stamp: stamp)
            case 0x6C: return of(withoutTarget(name), .other, size: nil, stamp: stamp)
            case 0x62, 0x63, 0x70, 0x73, 0x44: return of(name, .other, size: nil, stamp: stamp)
            default: return .unknown
            }
        }
        return .unknown
    }

    /// The index of the last word of a date that begins after `index`: `Nov 21 12:25`, `Nov 21 2026`, `21 Nov 2026`
    /// or `2026-11-21 12:25`.
    private static func dateEnd(_ words: FTPWords, after index: Int) -> Int? {
        if index + 2 < words.count, isDate(words.words[index + 1], separator: 0x2D),
            isTime(words.words[index + 2])
        {
            return index + 2
        }
        guard index + 3 < words.count else { return nil }
        let (first, second, third) = (
            words.words[index + 1], words.words[index + 2], words.words[index + 3]
        )
        guard (isMonth(first) && isDay(second)) || (isDay(first) && isMonth(second)),
            isTime(third) || (third.count == 4 && third.decimal != nil)
        else { return nil }
        return index + 3
    }

    /// `11-21-26  12:25PM       <DIR>          name`, or a size in the place of `<DIR>`.
    static func dos(_ line: [UInt8]) -> FTPLine {
        let words = FTPWords(line, limit: 3)
        guard words.count == 3,
            isDate(words.words[0], separator: 0x2D) || isDate(words.words[0], separator: 0x2F),
            isTime(words.words[1])
        else { return .unknown }
        let stamp = words.text(0) + " " + words.text(1)
        let name = words.rest(after: 2)
        if let size = words.words[2].decimal { return of(name, .file, size: size, stamp: stamp) }
        // The column of sizes is wider than this word.
        let padding = name.prefix(9).prefix { $0 == 0x20 }.count
        switch words.text(2).uppercased() {
        case "<DIR>": return of(name.dropFirst(padding), .directory, size: nil, stamp: stamp)
        case "<JUNCTION>", "<SYMLINK>", "<SYMLINKD>":
            return of(name.dropFirst(padding), .other, size: nil, stamp: stamp)
        default: return .unknown
        }
    }

    private static func withoutTarget(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let arrow = Array(" -> ".utf8)
        guard name.count > arrow.count else { return name }
        for start in name.startIndex...name.endIndex - arrow.count
        where name[start..<start + arrow.count].elementsEqual(arrow) {
            return name[..<start]
        }
        return name
    }

    private static let months: Set<[UInt8]> = Set(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].map {
            Array($0.utf8)
        })

    private static func isMonth(_ word: ArraySlice<UInt8>) -> Bool { months.contains(word.lowercased) }

    private static func isDay(_ word: ArraySlice<UInt8>) -> Bool {
        word.count <= 2 && word.decimal.map { (1...31).contains($0) } ?? false
    }

    /// `12:25`, `12:25:59`, `12:25PM`.
    private static func isTime(_ word: ArraySlice<UInt8>) -> Bool {
        let isHalved = [Array("am".utf8), Array("pm".utf8)].contains(Array(word.suffix(2).lowercased))
        let parts = (isHalved ? word.dropLast(2) : word)
            .split(separator: 0x3A, omittingEmptySubsequences: false)
        return (2...3).contains(parts.count) && parts.allSatisfy { $0.count <= 2 && $0.decimal != nil }
    }

    /// Three numbers, in whatever order.
    private static func isDate(_ word: ArraySlice<UInt8>, separator: UInt8) -> Bool {
        let parts = word.split(separator: separator, omittingEmptySubsequences: false)
        return parts.count == 3 && parts.allSatisfy { $0.count <= 4 && $0.decimal != nil }
    }
}
