@testable internal import Channels

extension FuzzTarget {
    /// The listing of an FTP server, by the first byte as MLSD or LIST writes it, in pieces of the size that the second
    /// says.
    ///
    /// Proves: the listing is the same however it is cut; there are never more entries than allowed; every name can be
    /// put behind a directory, so that it has no slash, NUL or line end and is neither `.` nor `..`; only files have
    /// sizes.
    static let ftpListings = FuzzTarget(name: "ftp-listings", longest: 4096) {
        [[UInt8]](
            texts:
                "\u{1}\u{7}type=file;size=12;modify=20261121122501.5; FI.DMFA\r\ntype=dir; IN\r\ntype=cdir; .\r\n",
            "\u{0}\u{5}total 8\r\ndrwxr-xr-x  2 owner group  4096 Nov 21 12:25 IN\r\n"
                + "-rw-r--r--  1 1000 12 Nov 21  2026 GO\r\nlrwxrwxrwx 1 a b c 7 21 Nov 2026 a -> /etc/passwd\r\n",
            "\u{0}\u{9}11-21-26  12:25PM       <DIR>          IN\r\n11-21-2026  00:25   4096 GO\r\n")
    } prove: { input in
        var bytes = Bytes(input)
        let isMachine = bytes.byte() & 1 == 1
        let size = Int(bytes.byte())
        let stream = Array(bytes.rest)
        let whole = listing(isMachine, [stream])
        let cut = listing(isMachine, stream.pieces(of: size))
        hold(
            whole.entries == cut.entries && whole.isUnknown == cut.isUnknown
                && (whole.fault == nil) == (cut.fault == nil), "the listing depends on how it was cut")
        hold(whole.entries.count <= mostEntries, "\(whole.entries.count) entries")
        for entry in whole.entries {
            hold(RemotePath(".")?.appending(entry.name) != nil, "a name that leads elsewhere: \(entry.name)")
            hold(entry.kind == .file || entry.size == nil, "a size of what is no file")
        }
    }

    private static let mostEntries = 20

    private static func listing(_ isMachine: Bool, _ pieces: [[UInt8]]) -> FTPListingReader {
        let limits = FTPListingReader.Limits(entries: mostEntries, bytes: 1 << 20)
        var reader = FTPListingReader(limits) { isMachine ? FTPLine.machine($0) : FTPLine.human($0) }
        for piece in pieces where !reader.take(piece) { return reader }
        reader.finish()
        return reader
    }
}
