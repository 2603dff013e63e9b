import Exchange
import Foundation
import TestExaminers
import Testing

@testable import Validation
@testable import Workers

/// What a stranger puts beside a signature, and the memory a worker has for it.
@Suite struct WorkerMemoryTests {
    /// A certificate or list whose signature is so many bytes long: OpenSSL reads it, and believes nothing of it.
    private func swollen(_ der: [UInt8], to count: Int, last: UInt8 = 0) throws -> [UInt8] {
        let parts = try #require(BERElement(whole: der)?.children)
        let value = [0] + [UInt8](repeating: 0xFF, count: count) + [last]
        return DER.sequence(Array(parts[0].whole), Array(parts[1].whole), DER.element(0x03, value))
    }

    /// The message with one certificate (`[0]`) or list (`[1]`) in the place of what is embedded.
    private func embed(_ der: [UInt8], as tag: UInt8, in message: [UInt8]) throws -> [UInt8] {
        let content = try #require(SignatureText.decode(message).flatMap { BERElement(whole: $0)?.children })
        let fields = try #require(content[1].children?.first?.children)
        let signers = try #require(fields.last)
        let signed = DER.sequence(
            fields[..<3].flatMap(\.whole), DER.element(tag, der), Array(signers.whole))
        return DER.sequence(Array(content[0].whole), DER.element(0xA0, signed))
    }

    @Test func `certificates that strangers embed do not fill a worker's memory`() throws {
        let pool = try WorkerPool.built {
            $0.count = 1
            $0.memory = 24 * 1_048_576
        }
        defer { pool.stop() }
        let bench = try Bench()
        let certificate = try #require(bench.registered.first).der
        _ = try bench.verify(pool)
        let worker = pool.state.idle
        for number in 0..<30 {
            let embedded = try swollen(certificate, to: 900_000, last: UInt8(number))
            try bench.replaceSignature { try embed(embedded, as: 0xA0, in: $0) }
            _ = try bench.verify(pool)
        }
        #expect(pool.state.idle == worker)
    }

    @Test func `a good set is never refused because a worker has too little memory`() throws {
        let bench = try Bench()
        let authority = try Bench.certificate("Other", isAuthority: true)
        let list = try CertificateMint.revocationList(
            .init(revoked: [], number: 1, thisUpdate: bench.time, nextUpdate: nil), issuer: authority)
        let embedded = try swollen(list.der, to: 600_000)
        try bench.replaceSignature { try embed(embedded, as: 0xA1, in: $0) }
        _ = try bench.verify(LocalExaminer())
        var isJudged = false
        for memory in stride(from: 2 << 20, to: 48 << 20, by: 256 << 10) where !isJudged {
            let pool = try WorkerPool.built {
                $0.count = 1
                $0.memory = Int64(memory)
            }
            defer { pool.stop() }
            do throws(StageFailure) {
                _ = try bench.verify(pool)
                isJudged = true
            } catch {
                guard case .deferred = error else {
                    Issue.record("\(memory) bytes: \(error)")
                    return
                }
            }
        }
        #expect(isJudged)
    }
}
