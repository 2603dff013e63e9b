internal import Exchange

/// The C libraries behind the judgements.
public enum Libraries {
    /// Has them read what they want to read from disk, such as OpenSSL's configuration. For a process that will not be
    /// able to open files.
    public static func prepare() {
        LibXML.prepare()
        _ = Digest(ofSHA256: [])
    }
}
