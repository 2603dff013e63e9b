import CZlib

/// Archives as receivers make them (APPNOTE.TXT 4.3), and worse ones.
enum ZipFile {
    /// - Parameters:
    ///   - isPacked: deflated, otherwise stored.
    ///   - flags: bit 0 says that it is encrypted.
    static func of(_ files: [(name: String, bytes: [UInt8])], isPacked: Bool = true, flags: Int = 0)
        -> [UInt8]
    {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for file in files {
            let content = isPacked ? deflated(file.bytes) : file.bytes
            let check = Int(crc32(0, file.bytes, UInt32(file.bytes.count)))
            let facts =
                two(20) + two(flags) + two(isPacked ? 8 : 0) + four(0) + four(check) + four(content.count)
                + four(file.bytes.count) + two(file.name.utf8.count)
            directory += four(0x0201_4B50) + two(20) + facts + two(0) + two(0) + two(0) + two(0) + four(0)
            directory += four(archive.count) + Array(file.name.utf8)
            // The fields at the file itself may be longer than those in the directory.
            archive += four(0x0403_4B50) + facts + two(4) + Array(file.name.utf8) + four(0) + content
        }
        let end = four(0x0605_4B50) + four(0) + two(files.count) + two(files.count) + four(directory.count)
        return archive + directory + end + four(archive.count) + two(3) + Array("end".utf8)
    }

    private static func two(_ number: Int) -> [UInt8] {
        (0..<2).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
    private static func four(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    /// Without the two bytes before and the four behind that are zlib's own.
    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        var packed = [UInt8](repeating: 0, count: Int(count))
        precondition(compress(&packed, &count, bytes, UInt(bytes.count)) == Z_OK)
        return Array(packed[2..<Int(count) - 4])
    }
}
