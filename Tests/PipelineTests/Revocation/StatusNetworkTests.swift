import Channels
import Exchange
import Foundation
import Registry
import Synchronization
import TestServers
import Testing
import Validation

@testable import Pipeline

/// Sources across a real network stack: well, down, slow, silent, too long. What threads do is told by the order of
/// events: a thread that was held beyond its limit would never come to the event that is awaited.
@Suite struct StatusNetworkTests {
    private func fault(_ body: () throws -> [UInt8]) -> String {
        do {
            return "\(try body().count) bytes came"
        } catch {
            return "\(error)"
        }
    }

    @Test func `a list and an answer come whole, and the request arrives as it was made`() throws {
        let server = try ScriptedHTTPServer { .answer(status: 200, body: Array($0.path.utf8) + $0.body) }
        let fetcher = HTTPStatusFetcher()
        #expect(try fetcher.list(at: server.url + "a?b=c") == Array("/a?b=c".utf8))
        let request = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try fetcher.answer(to: request, at: server.url) == [0x2F] + request)
        #expect(server.requests.map(\.path) == ["/a?b=c", "/"])
    }

    @Test func `a source that is silent or drips is left when its time is over`() throws {
        let hasty = HTTPStatusFetcher(
            list: .init(bytes: 100_000, time: .seconds(2)), answer: .init(bytes: 10_000, time: .seconds(2)))
        let silent = try ScriptedHTTPServer { _ in .silence }
        #expect(!fault { try hasty.answer(to: [1], at: silent.url) }.contains("bytes came"))
        let dripping = try ScriptedHTTPServer { _ in .drip }
        #expect(!fault { try hasty.list(at: dripping.url) }.contains("bytes came"))
    }

    @Test func `an answer without end, a refusal, a redirection and nobody at all are faults`() throws {
        let long = try ScriptedHTTPServer { _ in
            .answer(status: 200, body: [UInt8](repeating: 0x30, count: 3_000_000))
        }
        let fetcher = HTTPStatusFetcher(
            list: .init(bytes: 100_000, time: .seconds(60)), answer: .init(bytes: 10_000, time: .seconds(60)))
        #expect(fault { try fetcher.list(at: long.url) }.contains("longer than 100000 bytes"))
        #expect(fault { try fetcher.answer(to: [1], at: long.url) }.contains("longer than 10000 bytes"))
        for status in [404, 500, 302, 204] {
            let server = try ScriptedHTTPServer { _ in .answer(status: status, body: []) }
            #expect(fault { try fetcher.list(at: server.url) }.contains("answered \(status)"))
            #expect(server.requests.count == 1)
        }
        #expect(!fault { try fetcher.list(at: "http://127.0.0.1:\(freePort())/") }.contains("bytes came"))
        #expect(!fault { try fetcher.list(at: "file:///etc/passwd") }.contains("bytes came"))
    }

    @Test func `a fetch under way ends when the daemon does`() throws {
        let server = try ScriptedHTTPServer { _ in .silence }
        let fetcher = HTTPStatusFetcher(
            list: .init(bytes: 1000, time: .seconds(3600)), until: { !server.requests.isEmpty })
        #expect(fault { try fetcher.list(at: server.url) }.contains("from our side"))
    }

    @Test func `what openssl's responder answers is understood`() throws {
        let refreshing = try Refreshing(HTTPStatusFetcher())
        let responder = try Responder(refreshing.authority)
        let revoked = try Refreshing.certificate("Revoked", under: refreshing.authority)
        responder.set(refreshing.certificate)
        responder.set(revoked, revokedAt: Date() - 60)
        let server = try ScriptedHTTPServer { request in
            (try? responder.answer(to: request.body)).map { .answer(status: 200, body: $0) } ?? .silence
        }
        try refreshing.setSource(.responder, server.url)
        #expect(try refreshing.isUnknown(revoked))
        refreshing.refresher.refreshDue()
        #expect(try refreshing.isGood())
        #expect(try refreshing.isRevoked(revoked))
    }

    @Test func `a source that hangs keeps neither decisions nor other sources waiting`() async throws {
        let hanging = try ScriptedHTTPServer { _ in .silence }
        let isReleased = Released()
        let refreshing = try Refreshing(
            HTTPStatusFetcher(
                answer: .init(bytes: 10_000, time: .seconds(3600)),
                until: { isReleased.value.withLock { $0 } }))
        let other = try Refreshing.authority("Other Authority")
        let foreign = try Refreshing.certificate("Foreign", under: other)
        try refreshing.registry.addAuthority(other.certificate)
        let list = try refreshing.list(1, by: other)
        let well = try ScriptedHTTPServer { _ in .answer(status: 200, body: list) }
        try refreshing.setSource(.responder, hanging.url)
        let source = try #require(StatusSource(.list, url: well.url, ageLimit: 3600))
        let running = Running(refreshing.refresher, threads: 2)
        // One thread hangs from here on, until the end of this test.
        #expect(try await eventually { hanging.requests.isEmpty ? nil : true } == true)
        #expect(try refreshing.isUnknown())
        try refreshing.registrar.setSource(source, of: other.certificate.fingerprint)
        #expect(try await eventually { try refreshing.isGood(foreign) ? true : nil } == true)
        #expect(try refreshing.isUnknown())
        #expect(hanging.requests.count == 1)
        isReleased.value.withLock { $0 = true }
        running.stop()
    }

    @Test func `each source is asked by one thread at a time, and about each certificate once`() async throws
    {
        let refreshing = try Refreshing(HTTPStatusFetcher())
        let responder = try Responder(refreshing.authority)
        let certificates = try (0..<12).map {
            try Refreshing.certificate("\($0)", under: refreshing.authority)
        }
        certificates.forEach { responder.set($0) }
        responder.set(refreshing.certificate)
        let server = try ScriptedHTTPServer { request in
            (try? responder.answer(to: request.body)).map { .answer(status: 200, body: $0) } ?? .silence
        }
        try refreshing.setSource(.responder, server.url)
        let running = Running(refreshing.refresher, threads: 4)
        for certificate in certificates {
            #expect(try await eventually { try refreshing.isGood(certificate) ? true : nil } == true)
        }
        running.stop()
        #expect(server.requests.count == certificates.count + 1)
        #expect(server.mostAtOnce == 1)
    }

    private final class Released: Sendable {
        let value = Mutex(false)
    }

    /// A refresher on threads of its own, as in the daemon.
    private final class Running: Sendable {
        private let refresher: StatusRefresher
        private let threads: Int
        private let ended = DispatchSemaphore(value: 0)

        init(_ refresher: StatusRefresher, threads: Int) {
            self.refresher = refresher
            self.threads = threads
            for _ in 0..<threads {
                Thread.detachNewThread { [ended] in
                    refresher.run()
                    ended.signal()
                }
            }
        }

        /// Returns when every thread has ended.
        func stop() {
            refresher.stop()
            for _ in 0..<threads { ended.wait() }
        }
    }
}
