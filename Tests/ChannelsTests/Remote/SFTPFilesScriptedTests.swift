import Exchange
import Synchronization
import Testing

@testable import Channels

/// Servers that no real one would be, or that none can be told to be.
@Suite struct SFTPFilesScriptedTests {
    private static func isKind(_ fault: RemoteFault?, _ kind: RemoteFault.Kind) -> Bool {
        fault?.kind == kind
    }

    /// Hands out handles, and confirms what has none.
    private static func friendly(_ id: UInt32, _ request: SFTPRequest) -> [UInt8] {
        switch request {
        case .open, .openDirectory: reply { $0.handle(id, id) }
        default: status(id, 0)
        }
    }

    // Listing.

    private static let dot = SFTPReplyWriter.Name(name: [0x2E], longName: [], attributes: SFTPAttributes())

    @Test func `a directory without end is cut off, even when all of it is one name`() throws {
        let wire = SFTPScriptedWire { id, request in
            if case .readDirectory = request {
                return reply { $0.names(id, Array(repeating: Self.dot, count: 100)) }
            }
            return Self.friendly(id, request)
        }
        let files = try files(wire)
        let place = try path("OUT")
        let found = fault { () throws(RemoteFault) in _ = try files.list(place) }
        #expect(found?.kind == .tooMuch)
        #expect(wire.requests.count(where: \.isClose) == 1)
        #expect(!wire.isClosed)
    }

    @Test func `answers without a name are garbled`() throws {
        let wire = SFTPScriptedWire { id, request in
            if case .readDirectory = request { return reply { $0.names(id, []) } }
            return Self.friendly(id, request)
        }
        let files = try files(wire)
        let place = try path("OUT")
        let found = fault { () throws(RemoteFault) in _ = try files.list(place) }
        #expect(found?.kind == .garbled)
        #expect(wire.isClosed)
        // And it stays so.
        let again = fault { () throws(RemoteFault) in _ = try files.size(of: place) }
        #expect(again?.kind == .garbled)
    }

    @Test func `kinds come from the mode, or from the line where there is none`() throws {
        func name(_ name: String, line: String, mode: UInt32?) -> SFTPReplyWriter.Name {
            var attributes = SFTPAttributes(size: 5)
            attributes.permissions = mode
            attributes.times = mode == nil ? nil : (1, 1_700_000_000)
            return .init(name: Array(name.utf8), longName: Array(line.utf8), attributes: attributes)
        }
        let names = [
            name("file", line: "d", mode: 0o100644), name("directory", line: "-", mode: 0o040755),
            name("link", line: "-", mode: 0o120777), name("plain", line: "-rw-r--r--", mode: nil),
            name("folder", line: "drwx", mode: nil), name("what", line: "", mode: nil),
        ]
        let given = Mutex(false)
        let wire = SFTPScriptedWire { id, request in
            guard case .readDirectory = request else { return Self.friendly(id, request) }
            let isFirst = given.withLock { given in
                defer { given = true }
                return !given
            }
            return isFirst ? reply { $0.names(id, names) } : status(id, 1)
        }
        let entries = try files(wire).list(path("."))
        #expect(entries.map(\.kind) == [.file, .directory, .other, .file, .directory, .other])
        #expect(entries[0].stamp == "1700000000")
        #expect(entries[0].modifiedAt == 1_700_000_000)
        #expect(entries[3].stamp == "")
        #expect(entries[3].modifiedAt == nil)
        #expect(entries.map(\.size) == Array(repeating: 5, count: 6))
    }

    // Reading.

    /// A file of which each READ gives at most `most` bytes.
    private static func file(_ bytes: [UInt8], most: Int) -> (UInt32, SFTPRequest) -> [UInt8] {
        { id, request in
            guard case .read(_, let offset, let length) = request else { return friendly(id, request) }
            guard offset < UInt64(bytes.count) else { return status(id, 1) }
            let end = min(bytes.count, Int(offset) + min(most, Int(length)))
            return SFTPTestPacket(103, id).adding(Array(bytes[Int(offset)..<end])).framed
        }
    }

    @Test(arguments: [false, true], [1_000, 5_000, 32_768])
    func `pieces shorter than asked for, in any order, make the whole`(reverses: Bool, most: Int) throws {
        let bytes = pattern(300_000)
        let wire = SFTPScriptedWire(reverses: reverses, Self.file(bytes, most: most))
        let read = try files(wire).readAll(path("f"), from: 7)
        #expect(isTrue(read == Array(bytes.dropFirst(7))))
    }

    @Test func `more bytes than asked for are garbled`() throws {
        let wire = SFTPScriptedWire { id, request in
            guard case .read = request else { return Self.friendly(id, request) }
            return SFTPTestPacket(103, id).adding([UInt8](repeating: 0, count: 32_769)).framed
        }
        let files = try files(wire)
        let place = try path("f")
        let found = fault { () throws(RemoteFault) in _ = try files.readAll(place) }
        #expect(found?.kind == .garbled)
    }

    @Test func `what our side throws while reading ends it, and is the cause`() throws {
        struct Full: Error {}
        let wire = SFTPScriptedWire(Self.file(pattern(100_000), most: 32_768))
        let files = try files(wire)
        let place = try path("f")
        let found = fault { () throws(RemoteFault) in
            try files.read(place, from: 0) { _ in throw Full() }
        }
        #expect(found?.kind == .stopped)
        #expect(found?.cause is Full)
        #expect(wire.isClosed)
    }

    // Renaming.

    @Test func `without the extension a file in the way goes only when the other is there`() throws {
        let present = Mutex<Set<String>>(["new"])
        let wire = SFTPScriptedWire(extensions: []) { id, request in
            present.withLock { present in
                switch request {
                case .rename(let old, let new, replacing: false):
                    let new = String(decoding: new, as: UTF8.self)
                    guard !present.contains(new) else { return status(id, 4, "Failure") }
                    guard present.remove(String(decoding: old, as: UTF8.self)) != nil else {
                        return status(id, 2)
                    }
                    present.insert(new)
                    return status(id, 0)
                case .status(let name):
                    let isThere = present.contains(String(decoding: name, as: UTF8.self))
                    return isThere ? reply { $0.attributes(id, SFTPAttributes(size: 1)) } : status(id, 2)
                case .remove(let name):
                    present.remove(String(decoding: name, as: UTF8.self))
                    return status(id, 0)
                default: return Self.friendly(id, request)
                }
            }
        }
        let files = try files(wire)
        let (old, new) = (try path("old"), try path("new"))
        let found = fault { () throws(RemoteFault) in try files.rename(old, to: new) }
        #expect(found?.kind == .notAllowed)
        #expect(present.withLock { $0 } == ["new"])
        present.withLock { _ = $0.insert("old") }
        try files.rename(old, to: new)
        #expect(present.withLock { $0 } == ["new"])
    }

    // What servers say.

    @Test(
        arguments: [
            (2, .noSuchFile), (3, .notAllowed), (4, .notAllowed), (5, .notAllowed), (7, .brokenOff),
            (8, .notAllowed), (11, .alreadyExists), (14, .tooMuch), (99, .notAllowed),
        ] as [(UInt32, RemoteFault.Kind)])
    func `a status becomes a fault with the server's words`(code: UInt32, kind: RemoteFault.Kind) throws {
        let wire = SFTPScriptedWire { id, _ in status(id, code, "so\u{1B}[1m") }
        let files = try files(wire)
        let place = try path("f")
        let found = try #require(fault { () throws(RemoteFault) in try files.remove(place) })
        #expect(found.kind == kind)
        #expect(found.sentence == "removing f: so\\x1b[1m (status \(code))")
        #expect(wire.isClosed == found.breaksConnection)
    }

    @Test func `a refused byte means no room, and the file is let go`() throws {
        let wire = SFTPScriptedWire { id, request in
            if case .write = request { return status(id, 4, "Failure") }
            return Self.friendly(id, request)
        }
        let files = try files(wire)
        let place = try path("f")
        let found = fault { () throws(RemoteFault) in try files.write(place, pattern(3_000_000)) }
        #expect(found?.kind == .tooMuch)
        #expect(wire.requests.count(where: \.isClose) == 1)
        #expect(!wire.isClosed)
    }

    // Sets.

    private static func sets(_ count: Int) throws -> [[RemoteUpload]] {
        try (0..<count).map { set in
            try ["FI", "FS", "GO"].map { name in
                RemoteUpload(try path("\(name).\(set)"), bytes: name == "GO" ? [] : pattern(40_000))
            }
        }
    }

    @Test func `a last file is opened when all others of its set are confirmed`() throws {
        let state = Mutex((names: [UInt32: String](), closed: Set<String>(), early: [String]()))
        let wire = SFTPScriptedWire { id, request in
            state.withLock { state in
                if let name = request.opened {
                    state.names[id] = name
                    let set = name.split(separator: ".").last ?? ""
                    if name.hasPrefix("GO"), !state.closed.isSuperset(of: ["FI.\(set)", "FS.\(set)"]) {
                        state.early.append(name)
                    }
                }
                if case .close(let handle) = request, let name = state.names[handle] {
                    state.closed.insert(name)
                }
            }
            return Self.friendly(id, request)
        }
        var done: [Int] = []
        try files(wire).writeAll(Self.sets(50)) { set, refusal in
            #expect(refusal == nil)
            done.append(set)
        }
        #expect(done.sorted() == Array(0..<50))
        #expect(state.withLock { $0.early } == [])
        #expect(state.withLock { $0.closed.count } == 150)
        #expect(wire.requests.count(where: { if case .sync = $0 { true } else { false } }) == 150)
    }

    @Test(arguments: [false, true])
    func `a refusal keeps back the last file of its set, and no other`(whenOpening: Bool) throws {
        let wire = SFTPScriptedWire { id, request in
            if request.opened == "FI.1" {
                return whenOpening ? status(id, 3, "no") : reply { $0.handle(id, 0xFFFF) }
            }
            if case .close(handle: 0xFFFF) = request { return status(id, 4, "no") }
            return Self.friendly(id, request)
        }
        var refusals: [Int: RemoteFault.Kind?] = [:]
        try files(wire).writeAll(Self.sets(3)) { refusals.updateValue($1?.kind, forKey: $0) }
        #expect(refusals == [0: nil, 1: whenOpening ? .notAllowed : .tooMuch, 2: nil])
        let opened = wire.requests.compactMap(\.opened)
        #expect(!opened.contains("GO.1"))
        #expect(opened.contains("GO.0") && opened.contains("GO.2"))
    }

    @Test func `one set alone throws its refusal`() throws {
        let wire = SFTPScriptedWire { id, request in
            request.opened == "GO.0" ? status(id, 3, "no") : Self.friendly(id, request)
        }
        let files = try files(wire)
        let set = try Self.sets(1)[0]
        let found = fault { () throws(RemoteFault) in try files.writeAll(set) }
        #expect(found?.kind == .notAllowed)
    }

    @Test func `sets of one file and of none are sets`() throws {
        let wire = SFTPScriptedWire(Self.friendly)
        var done: [Int] = []
        try files(wire).writeAll([[], [RemoteUpload(try path("a"), bytes: [1])], []]) { set, _ in
            done.append(set)
        }
        #expect(done.sorted() == [0, 1, 2])
        #expect(wire.requests.compactMap(\.opened) == ["a"])
    }

    @Test func `what the source of a file throws ends all sets`() throws {
        struct Gone: Error {}
        let wire = SFTPScriptedWire(Self.friendly)
        let files = try files(wire)
        let upload = RemoteUpload(try path("a")) { _ in throw Gone() }
        let found = fault { () throws(RemoteFault) in
            try files.writeAll([[upload]]) { _, _ in Issue.record("told of a set") }
        }
        #expect(found?.kind == .stopped)
        #expect(found?.cause is Gone)
        #expect(wire.isClosed)
    }
}

/// A server that gives something now and then, only to keep us busy.
@Suite struct SFTPPaceTests {
    @Test func `what comes at 64 bytes a second on the average is waited for, and less is not`() {
        let start = ContinuousClock.now
        var pace = SFTPPace(patience: .seconds(30), at: start)
        for second in 1...100 { pace.note(64, at: start + .seconds(second)) }
        #expect(pace.deadline == start + .seconds(130))
        for second in 101...125 { pace.note(63, at: start + .seconds(second)) }
        #expect(pace.deadline == start + .seconds(130))
        // A pause is made up for by what comes after it.
        pace.note(32_768, at: start + .seconds(129))
        #expect(pace.deadline == start + .seconds(159))
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["reading", "listing"])
    func `a server that gives a few bytes now and then is given up`(_ deed: String) throws {
        let wire = SFTPScriptedWire { id, request in
            switch request {
            case .open, .openDirectory: reply { $0.handle(id, id) }
            case .read: SFTPTestPacket(103, id).adding([UInt8(1)]).framed
            case .readDirectory:
                reply { $0.names(id, [.init(name: [0x61], longName: [], attributes: SFTPAttributes())]) }
            default: status(id, 0)
            }
        }
        let files = try files(wire, entriesAtMost: .max - 2, patience: .seconds(5))
        wire.hold = deed == "reading" ? 500_000 : 3_000_000
        let place = try path("x")
        let found = fault { () throws(RemoteFault) in
            if deed == "reading" { _ = try files.readAll(place) } else { _ = try files.list(place) }
        }
        #expect(found?.kind == .timedOut)
        #expect(wire.isClosed)
    }
}
