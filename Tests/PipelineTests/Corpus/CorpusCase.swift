import Exchange
import Foundation
import Testing
import Yams

/// One case of `Tests/Corpus`: what a sender does, and the receipt it must get. `Tests/Corpus/README.md` tells how
/// to write one.
struct CorpusCase: Decodable, Sendable, CustomTestStringConvertible {
    var name = ""
    let says: String
    let directory: Mailbox
    let channel: ChannelKind
    let world: World.Kind
    let expect: Expectation
    /// The name the receipt gives; the GO's when nil.
    let names: String?
    /// A fault of ours because of which the case is not met yet.
    let known: String?
    /// The files that still lie in the directory at the end.
    let left: [String]?
    let steps: [CorpusStep]

    var testDescription: String { name }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case says, directory, channel, world, expect, names, known, left, steps
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        says = try values.decode(String.self, forKey: .says)
        directory = try values.decodeIfPresent(Mailbox.self, forKey: .directory) ?? .incoming
        channel = try values.decodeIfPresent(ChannelKind.self, forKey: .channel) ?? .sftp
        world = try values.decodeIfPresent(World.Kind.self, forKey: .world) ?? .usual
        expect = try values.decode(Expectation.self, forKey: .expect)
        names = try values.decodeIfPresent(String.self, forKey: .names)
        known = try values.decodeIfPresent(String.self, forKey: .known)
        left = try values.decodeIfPresent([String].self, forKey: .left)
        steps = try values.decode([StrictStep].self, forKey: .steps).map(\.step)
    }

    /// Every folder of the corpus that holds a `case.yaml`, by name.
    static let all = Result {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.corpus.path).sorted()
        return try folders.compactMap { folder -> CorpusCase? in
            let file = Repository.corpus.appendingPathComponent("\(folder)/case.yaml")
            guard FileManager.default.fileExists(atPath: file.path) else { return nil }
            do {
                var one = try YAMLDecoder().decode(CorpusCase.self, from: Data(contentsOf: file))
                one.name = folder
                return one
            } catch {
                throw CorpusFault(sentence: "\(folder)/case.yaml: \(error)")
            }
        }
    }
}

/// What must come of the files sent since the last receipt.
enum Expectation: Decodable, Sendable, Equatable {
    /// A receipt with these codes and no other; accepted when there are none.
    case receipt(Set<Int>)
    /// The first receipt once more, byte for byte.
    case again
    /// No receipt.
    case pending

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let codes = try? container.decode([Int].self) {
            self = .receipt(Set(codes))
            return
        }
        switch try container.decode(String.self) {
        case "again": self = .again
        case "pending": self = .pending
        case let word: throw CorpusFault(sentence: "'\(word)' is no expectation")
        }
    }

    var codes: Set<Int> {
        if case .receipt(let codes) = self { codes } else { [] }
    }
}

/// A case that cannot be read or played.
struct CorpusFault: Error, CustomStringConvertible {
    let sentence: String
    var description: String { sentence }
}

extension Decoder {
    /// So that a slip in a case is an error and not an ignored line.
    func refuseKeys(besides known: [String]) throws {
        let container = try container(keyedBy: AnyKey.self)
        if let stray = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw CorpusFault(sentence: "unknown key '\(stray.stringValue)'")
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
