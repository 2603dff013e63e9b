/// What a seed decides: the same numbers in the same order, on every machine (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter stream: of several independent ones of one seed.
    init(_ seed: Int, stream: Int = 0) {
        state =
            UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(stream)
            &* 0xD1B5_4A32_D192_ED03
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True in `percent` of a hundred cases.
    mutating func happens(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// One of several, each as often as its weight says.
    mutating func pick<Value>(_ weighted: [(value: Value, weight: Int)]) -> Value {
        var place = Int.random(in: 0..<weighted.reduce(0) { $0 + $1.weight }, using: &self)
        for (value, weight) in weighted {
            if place < weight { return value }
            place -= weight
        }
        preconditionFailure("the weights are more than nothing")
    }
}
