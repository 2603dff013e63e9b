internal import CLibFuzzer
internal import Foundation

/// `fuzz list`, `fuzz seeds FOLDER`, or `fuzz TARGET` with what libFuzzer takes: options, folders, files to replay.
@main
enum Fuzz {
    nonisolated(unsafe) private static var prove: ([UInt8]) -> Void = { _ in }

    static func main() throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case "list": for target in FuzzTarget.all { print(target.name) }
        case "seeds" where arguments.count == 3: try writeSeeds(below: arguments[2])
        case let name:
            guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
                print("fuzz: list, seeds FOLDER or a target is wanted")
                exit(2)
            }
            run(target, arguments)
        }
    }

    private static func writeSeeds(below folder: String) throws {
        for target in FuzzTarget.all {
            let place = URL(fileURLWithPath: folder).appending(path: target.name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            for (index, seed) in try target.seeds().enumerated() {
                try Data(seed).write(to: place.appending(path: "seed-\(index)"))
            }
        }
    }

    private static func run(_ target: FuzzTarget, _ arguments: [String]) {
        prove = target.prove
        target.prepare()
        // Later options win: the command line may say otherwise.
        let all =
            [arguments[0], "-max_len=\(target.longest)", "-timeout=10", "-rss_limit_mb=1024"]
            + arguments.dropFirst(2)
        var count = Int32(all.count)
        let words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: all.count + 1)
        for (index, word) in all.enumerated() { words[index] = strdup(word) }
        words[all.count] = nil
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = words
        exit(
            LLVMFuzzerRunDriver(&count, &list) { bytes, count in
                Fuzz.prove(Array(UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            })
    }
}

/// Ends the process, as a trap would, unless the promise holds.
func hold(_ promise: Bool, _ sentence: @autoclosure () -> String) {
    guard !promise else { return }
    FileHandle.standardError.write(Data("broken promise: \(sentence())\n".utf8))
    abort()
}
