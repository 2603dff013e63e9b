internal import Exchange

internal import struct Foundation.Data
internal import struct Foundation.Date

/// The facts of a certificate as they are written for people and programs: the bytes as base64.
struct CertificateDocument: Codable {
    let fingerprint: Digest
    let subject: String
    let issuer: String
    let owner: String
    let company: String?
    let serialDecimal: String
    let serialHexadecimal: String
    let notBefore: Date
    let notAfter: Date
    let keyKind: String
    let keyBits: Int
    let isAuthority: Bool
    let der: Data

    init(_ facts: CertificateFacts) {
        fingerprint = facts.fingerprint
        subject = facts.subject
        issuer = facts.issuer
        owner = facts.owner
        company = facts.company
        serialDecimal = facts.serialDecimal
        serialHexadecimal = facts.serialHexadecimal
        notBefore = facts.notBefore
        notAfter = facts.notAfter
        keyKind = facts.keyKind
        keyBits = facts.keyBits
        isAuthority = facts.isAuthority
        der = Data(facts.der)
    }

    var facts: CertificateFacts {
        CertificateFacts(
            der: Array(der), fingerprint: fingerprint, subject: subject, issuer: issuer, owner: owner,
            company: company, serialDecimal: serialDecimal, serialHexadecimal: serialHexadecimal,
            notBefore: notBefore, notAfter: notAfter, keyKind: keyKind, keyBits: keyBits,
            isAuthority: isAuthority)
    }
}
