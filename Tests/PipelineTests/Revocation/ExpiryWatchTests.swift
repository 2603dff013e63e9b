import Exchange
import Foundation
import Logging
import Registry
import Synchronization
import Testing
import Validation

@testable import Pipeline

/// Warnings before registered certificates end.
@Suite struct ExpiryWatchTests {
    /// The certificate of `Refreshing` ends after 300 days.
    private let refreshing: Refreshing
    private let book = Book()

    init() throws { refreshing = try Refreshing(ScriptedSource()) }

    private func look(_ daysBefore: Double) {
        // As after a restart: nothing is remembered but what stands in the registry.
        let watch = ExpiryWatch(
            registry: refreshing.registry, logger: Logger(label: "test") { [book] _ in book })
        watch.warn(at: refreshing.certificate.notAfter - daysBefore * Refreshing.day)
    }

    @Test func `a certificate is warned of once at 60, 30 and 7 days`() {
        for days in [300, 61, 60, 59, 30.5, 30, 29, 8, 7, 6, 1, 0.1, 0, -1] { look(days) }
        #expect(book.said == ["warning 60 006400", "warning 30 006400", "warning 7 006400"])
    }

    @Test func `only the nearest warning is given of what is met late`() {
        for days in [5.0, 20, 50] { look(days) }
        #expect(book.said == ["warning 7 006400"])
    }

    @Test func `a revoked certificate is not warned of`() throws {
        let sender = try #require(SenderNumber("006400"))
        try refreshing.registry.revokeCertificate(
            refreshing.certificate.fingerprint, of: sender, at: Date() - 60)
        look(5)
        #expect(book.said.isEmpty)
    }

    @Test func `a sender's next end is that of its first certificate to end, and the last when all have`()
        throws
    {
        let sender = try #require(SenderNumber("006400"))
        let end = refreshing.certificate.notAfter
        func expiry(_ daysBefore: Double) throws -> CertificateExpiry? {
            try refreshing.registry.sender(sender)?.nextExpiry(at: end - daysBefore * Refreshing.day)
        }
        let far = try #require(try expiry(100))
        #expect(far.expiresAt == end && far.daysLeft == 100 && far.warning == nil && !far.isOver)
        #expect(try expiry(45)?.warning == .sixtyDays)
        #expect(try expiry(6.5)?.warning == .sevenDays)
        #expect(try expiry(6.5)?.daysLeft == 6)
        let over = try #require(try expiry(-1))
        #expect(over.isOver && over.daysLeft == 0 && over.warning == nil && over.expiresAt == end)
        // A renewal lasts longer; what ends first is what has to be told.
        let renewal = try CertificateMint.certificate(
            .init(commonName: "Renewal", notBefore: Date() - 60, notAfter: end + 100 * Refreshing.day),
            key: CertificateMint.key(.p256), issuer: refreshing.authority)
        try refreshing.registry.addCertificate(
            renewal, validFrom: nil, validUntil: nil, to: .sftp, of: sender)
        #expect(try expiry(45)?.expiresAt == end)
        #expect(try expiry(-1)?.expiresAt == renewal.notAfter)
        try refreshing.registry.revokeCertificate(
            refreshing.certificate.fingerprint, of: sender, at: Date() - 60)
        #expect(try expiry(45)?.expiresAt == renewal.notAfter)
    }

    /// Level, days and sender of each line.
    private final class Book: LogHandler {
        private let lines = Mutex<[String]>([])

        var said: [String] { lines.withLock { $0 } }

        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .trace }
            set {}
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            let words = event.metadata ?? [:]
            lines.withLock { $0.append("\(event.level) \(words["days"] ?? "-") \(words["sender"] ?? "-")") }
        }
    }
}
