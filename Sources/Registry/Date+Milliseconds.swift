internal import struct Foundation.Date

extension Date {
    /// Milliseconds since 1970, as stored; times beyond what 64 bits hold become the nearest that they do.
    var milliseconds: Int64 {
        let value = (timeIntervalSince1970 * 1000).rounded()
        return Int64(exactly: value) ?? (value < 0 ? .min : .max)
    }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
