internal import Exchange
internal import Foundation
internal import Registry

/// What `sender show` prints for people.
struct SenderSheet {
    let sender: SenderRecord

    init(_ sender: SenderRecord) {
        self.sender = sender
    }

    var text: String {
        var lines = [
            "Sender      \(sender.number) (\(sender.isBlocked ? "blocked" : "active"))",
            "Name        \(sender.name)",
            "User        \(sender.user)",
            "Enterprise  \(sender.enterprise)",
            "NSSO        \(sender.nsso?.description ?? "-")",
        ]
        if let contact = sender.contact {
            let name = [contact.firstName, contact.lastName].compactMap(\.self).joined(separator: " ")
            lines.append(
                "Contact     \((["\(name)"] + contact.emails + [contact.telephone ?? ""]).filter { !$0.isEmpty }.joined(separator: ", "))"
            )
        }
        for channel in sender.channels {
            lines += ["", "Channel \(channel.kind.rawValue)"]
            if let time = channel.passwordSetAt {
                lines.append("  Password     given \(time.ISO8601Format())")
            }
            for application in channel.applications {
                lines.append(
                    "  Application  \(application.code)\(application.isPreferred ? " (preferred channel)" : "")"
                )
            }
            lines += channel.certificates.flatMap(certificate)
            lines += channel.keys.map { key in
                "  SSH key      \(key.algorithm) \(key.bits) \(key.fingerprint)\(state(key.validFrom, key.validUntil, key.revokedAt))"
            }
        }
        return lines.joined(separator: "\n")
    }

    private func certificate(_ record: CertificateRecord) -> [String] {
        let facts = record.facts
        return [
            "  Certificate  \(facts.owner)\(state(record.validFrom, record.validUntil, record.revokedAt))",
            "    Owner      \(facts.subject)",
            "    Company    \(facts.company ?? "Not specified")",
            "    Issuer     \(facts.issuer)",
            "    Expires    \(facts.notAfter.ISO8601Format())",
            "    Serial     \(facts.serialDecimal) (hexadecimal \(facts.serialHexadecimal))",
            "    Key        \(facts.keyKind) \(facts.keyBits)",
            "    SHA-256    \(facts.fingerprint)",
        ]
    }

    private func state(_ from: Date?, _ until: Date?, _ revoked: Date?) -> String {
        if let revoked { return ", revoked \(revoked.ISO8601Format())" }
        let words = [from.map { "from \($0.ISO8601Format())" }, until.map { "until \($0.ISO8601Format())" }]
        let text = words.compactMap(\.self).joined(separator: " ")
        return text.isEmpty ? "" : ", valid \(text)"
    }
}
