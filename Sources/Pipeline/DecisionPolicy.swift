internal import Exchange

/// The numbers and switches of the decision that the domain leaves open; the defaults are those of domain 9.
public struct DecisionPolicy: Sendable, Hashable, Codable {
    /// Days a name's date may lie back (126).
    public var dateAge = 30
    /// FI files in one set at the most, 1 to 9 (128).
    public var parts = 9
    /// Bytes of one FI at the most (184); 35 MB, a megabyte being 10⁶ bytes.
    public var fileSize: Int64 = 35_000_000
    /// The same for single purposes, by their four letters.
    public var fileSizeByPurpose: [String: Int64] = [:]
    /// Bytes of all FI and FS of a set together at the most (509).
    public var setSize: Int64 = 50_000_000
    /// Whether a test set needs its signatures (domain 9.11). A signature that is there is verified either way.
    public var testNeedsSignature = true
    /// Whether a simulation set that brings signatures is refused with 121; otherwise they are ignored (domain 9.12).
    public var simulationRefusesSignature = false

    public init() {}

    func fileLimit(for purpose: Purpose) -> Int64 {
        fileSizeByPurpose[purpose.description] ?? fileSize
    }
}
