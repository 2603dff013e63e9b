import Channels
import Exchange
import Foundation
import Synchronization
import TestServers
import Testing
import Validation

@testable import SenderClient

@Suite struct RealServerTests {
    private let signet: Signet
    private let scratch: Scratch

    init() throws {
        signet = try Signet()
        scratch = try Scratch()
    }

    private func settings() -> SubmissionSettings {
        var settings = SubmissionSettings()
        settings.trust = .pinned([signet.receiver])
        return settings
    }

    /// Sets whose files lie on disk, signed on the way.
    private func sets(_ sizes: [Int]) throws -> [OutgoingSet] {
        let paths = try sizes.enumerated().map { index, size in
            try scratch.write(
                TestSets.content(UInt64(index), size: size),
                to: TestSets.name(String(index + 1).leftPadded(to: 5)))
        }
        return try SetGrouping.sets(at: paths).map {
            try SetSigning.missing(signet.senderSigner).outgoing($0)
        }
    }

    private func checkArrival(of sets: [OutgoingSet], at receiver: FolderReceiver) throws {
        let taken = receiver.stop()
        #expect(taken.count == sets.count)
        for set in sets {
            let mine = try #require(taken.first { $0[set.files[0].name.escaped] != nil })
            #expect(mine.keys.sorted() == set.files.map(\.name.escaped).sorted())
            let document = try #require(mine[set.files[0].name.escaped])
            #expect(try document == scratch.read(set.files[0].name.escaped))
            let signature = try #require(mine[set.files[1].name.escaped])
            #expect(SignatureVerifier.isSignature(signature, over: document, by: signet.sender))
        }
    }

    /// Access to a server of OpenSSH with a key that is locked.
    private func place(_ server: OpenSSHServer) throws -> RemotePlace {
        let identity = scratch.file("id")
        try OpenSSHServer.makeKey(identity, kind: "ed25519", passphrase: "s3cret")
        try server.authorise(identity + ".pub")
        var access = ServerAccess()
        access.knownHosts = server.knownHosts
        access.identity = IdentityFile(identity)
        access.secret = .file(try scratch.write("s3cret\n", to: "secret"))
        let target = try SubmissionTarget("sftp://\(server.user)@127.0.0.1:\(server.port)")
        return try #require(try access.server(of: target))
    }

    @Test func `sets go into a folder and their receipts come back`() throws {
        try scratch.make("exchange")
        let receiver = try FolderReceiver(signet, root: scratch.file("exchange"))
        let place = try #require(try ServerAccess().server(of: SubmissionTarget("folder:" + receiver.root)))
        let sets = try sets([5000, 20, 70_000])
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: place.home, settings: settings(), screen: .silent
        ).run(sets) { _ in }
        #expect(outcomes.map(\.verdict.status) == [0, 0, 0], "\(outcomes.map(\.verdict))")
        try checkArrival(of: sets, at: receiver)
        var fetch = AnswerFetch.Settings(directory: scratch.file("answers"))
        fetch.isRemoving = true
        let fetched = try AnswerFetch(
            from: place.server, as: place.logIn, home: place.home, settings: fetch, note: { _ in }
        ).run { _ in }
        #expect(fetched.map(\.status) == [0, 0, 0])
        #expect(try scratch.names(in: "exchange/OUT").isEmpty)
        #expect(try scratch.names(in: "answers").count == 9)
    }

    @Test func `a folder that is not there is no target`() {
        #expect(throws: ServerAccess.Fault.self) {
            try ServerAccess().server(of: .folder(scratch.file("nothing")))
        }
    }

    @Test(.enabled(if: OpenSSHServer.isInstalled))
    func `sets go over OpenSSH with a locked key, and refusals come back`() throws {
        let server = try OpenSSHServer()
        let receiver = try FolderReceiver(signet, root: server.home, codes: ["ACRF-125"])
        let place = try place(server)
        let sets = try sets([5000, 20, 70_000])
        var settings = settings()
        settings.parallel = 2
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: place.home, settings: settings, screen: .silent
        ).run(sets) { _ in }
        #expect(outcomes.map(\.verdict.status) == [4, 4, 4], "\(outcomes.map(\.verdict))")
        try checkArrival(of: sets, at: receiver)
    }

    @Test(.enabled(if: OpenSSHServer.isInstalled))
    func `many small sets and a large one go over one connection to OpenSSH, which is cut`() throws {
        let server = try OpenSSHServer()
        let receiver = try FolderReceiver(signet, root: server.home)
        let place = try place(server)
        let sets = try sets((0..<80).map { $0 == 40 ? 2_000_000 : 300 + 1000 * ($0 % 3) })
        var settings = settings()
        settings.parallel = 1
        let state = Mutex((isCut: false, isOver: false))
        Thread.detachNewThread {
            while !state.withLock({ $0.isCut || $0.isOver }) {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: server.home + "/IN")) ?? []
                guard !names.isEmpty else { continue }
                server.breakConnections()
                state.withLock { $0.isCut = true }
            }
        }
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: place.home, settings: settings, screen: .silent
        ).run(sets) { _ in }
        state.withLock { $0.isOver = true }
        #expect(state.withLock { $0.isCut })
        #expect(outcomes.allSatisfy { $0.verdict.status == 0 }, "\(outcomes.map(\.verdict))")
        try checkArrival(of: sets, at: receiver)
    }

    @Test(.enabled(if: OpenSSHServer.isInstalled))
    func `a large file goes on where the connection to OpenSSH was cut`() throws {
        let server = try OpenSSHServer()
        let receiver = try FolderReceiver(signet, root: server.home)
        let place = try place(server)
        let sets = try sets([30_000_000])
        let path = "\(server.home)/IN/\(sets[0].files[0].name)"
        let cutAt = Mutex<UInt64?>(nil)
        let isOver = Mutex(false)
        Thread.detachNewThread {
            while !isOver.withLock({ $0 }), cutAt.withLock({ $0 }) == nil {
                let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64) ?? 0
                guard size > 2_000_000 else { continue }
                server.breakConnections()
                cutAt.withLock { $0 = size }
            }
        }
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: place.home, settings: settings(), screen: .silent
        ).run(sets) { _ in }
        isOver.withLock { $0 = true }
        #expect(outcomes.map(\.verdict.status) == [0], "\(outcomes.map(\.verdict))")
        #expect(cutAt.withLock { $0 } != nil)
        try checkArrival(of: sets, at: receiver)
    }

    /// Access to ProFTPD, which lets nobody in without TLS.
    private func place(
        _ server: ProFTPDServer, _ scheme: String, authorities: String?, password: String = "s3cret"
    ) throws -> RemotePlace {
        var access = ServerAccess()
        access.authorities = authorities
        access.secret = .file(try scratch.write(password + "\n", to: "secret"))
        let target = try SubmissionTarget("\(scheme)://EXPacme@127.0.0.1:\(server.port)")
        return try #require(try access.server(of: target))
    }

    /// The server gives the receiver's directories to its user.
    private func server(_ security: FTPServerSecurity, before receiver: FolderReceiver) throws
        -> ProFTPDServer
    {
        let account = try FTPServerAccount(name: "EXPacme", password: "s3cret", home: receiver.root)
        return try ProFTPDServer(users: [account], security: security)
    }

    @Test(
        .enabled(if: ProFTPDServer.isAvailable),
        arguments: [("ftp", FTPServerSecurity.explicit), ("ftps", .implicit)])
    func `sets go over ProFTPD under TLS, and their answers are fetched and removed`(
        scheme: String, security: FTPServerSecurity
    ) throws {
        let receiver = try FolderReceiver(signet, root: scratch.file("exchange"))
        let server = try server(security, before: receiver)
        let place = try place(server, scheme, authorities: server.certificatePath)
        let sets = try sets([5000, 20, 3_000_000])
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: place.home, settings: settings(), screen: .silent
        ).run(sets) { _ in }
        #expect(outcomes.map(\.verdict.status) == [0, 0, 0], "\(outcomes.map(\.verdict)) \(server.log)")
        try checkArrival(of: sets, at: receiver)
        var fetch = AnswerFetch.Settings(directory: scratch.file("answers"))
        fetch.isRemoving = true
        fetch.trust = .pinned([signet.receiver])
        let fetched = try AnswerFetch(
            from: place.server, as: place.logIn, home: place.home, settings: fetch, note: { _ in }
        ).run { _ in }
        #expect(fetched.map(\.status) == [0, 0, 0], "\(fetched) \(server.log)")
        #expect(try scratch.names(in: "exchange/OUT").isEmpty)
        #expect(try scratch.names(in: "answers").count == 9)
    }

    @Test(.enabled(if: ProFTPDServer.isAvailable))
    func `a refusal comes back over ProFTPD`() throws {
        let receiver = try FolderReceiver(signet, root: scratch.file("exchange"), codes: ["ACRF-125"])
        let server = try server(.explicit, before: receiver)
        let place = try place(server, "ftp", authorities: server.certificatePath)
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: place.home, settings: settings(), screen: .silent
        ).run(try sets([300])) { _ in }
        #expect(outcomes.map(\.verdict.status) == [4], "\(outcomes.map(\.verdict)) \(server.log)")
    }

    @Test(.enabled(if: ProFTPDServer.isAvailable))
    func `an FTP server nobody vouches for is told no password, and a wrong password is not let in`() throws {
        let receiver = try FolderReceiver(signet, root: scratch.file("exchange"))
        let server = try server(.explicit, before: receiver)
        let set = try TestSets.set("00001")
        for (authorities, password) in [(nil, "s3cret"), (server.certificatePath, "another")] {
            let place = try place(server, "ftp", authorities: authorities, password: password)
            let outcomes = FileSubmission(
                to: place.server, as: place.logIn, home: place.home, settings: settings(), screen: .silent
            ).run([set]) { _ in }
            #expect(outcomes.map(\.verdict.status) == [1], "\(outcomes.map(\.verdict))")
        }
        #expect(receiver.stop().isEmpty)
        #expect(try scratch.names(in: "exchange/IN").isEmpty)
    }

    @Test(.enabled(if: OpenSSHServer.isInstalled))
    func `a server with another host key is not logged in at`() throws {
        let server = try OpenSSHServer()
        var access = ServerAccess()
        access.hostKeys = ["SHA256:" + String(repeating: "A", count: 43)]
        let place = try #require(
            try access.server(of: SubmissionTarget("sftp://\(server.user)@127.0.0.1:\(server.port)")))
        let outcomes = FileSubmission(
            to: place.server, as: place.logIn, home: nil, settings: settings(), screen: .silent
        ).run([try TestSets.set("00001")]) { _ in }
        #expect(outcomes.map(\.verdict.status) == [1], "\(outcomes.map(\.verdict))")
    }
}
