/// Why a configuration is refused: which file, line and key, and one sentence.
struct ConfigurationFault: Error, CustomStringConvertible {
    let file: String
    let line: Int?
    let key: String?
    let sentence: String

    var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.map { "\(place): \($0): \(sentence)" } ?? "\(place): \(sentence)"
    }
}
