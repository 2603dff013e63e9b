internal import Exchange
internal import Foundation
public import Validation

extension ReceiptSignature.Trust {
    private static let largest = 4_194_304

    /// Trust from files: certificates that sign receipts, or authorities whose certificates may. Without either nothing
    /// is known of signers.
    ///
    /// - Parameters:
    ///   - certificates: one certificate each, PEM or DER.
    ///   - authorities: one or more certificates of authorities each, PEM, or one in DER.
    /// - Throws: a sentence that names the file.
    public static func read(certificates: [String], authorities: [String]) throws(LocalFault)
        -> ReceiptSignature.Trust
    {
        guard certificates.isEmpty || authorities.isEmpty else {
            throw LocalFault("either the certificate of receipts is given, or authorities for it, not both")
        }
        do {
            if !certificates.isEmpty {
                return .pinned(
                    try certificates.map { path in try reading(path) { try CertificateFacts.read($0) } })
            }
            guard !authorities.isEmpty else { return .none }
            let accepted = try authorities.flatMap { path in
                try reading(path) { try CertificateFacts.readAuthorities($0) }
            }
            return .authorities(try TrustStore(authorities: accepted, revocationLists: []))
        } catch let fault as LocalFault {
            throw fault
        } catch {
            throw LocalFault("the authorities cannot be used: \(error)")
        }
    }

    private static func reading<Result>(_ path: String, _ read: ([UInt8]) throws -> Result) throws -> Result {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: largest)
        else {
            throw LocalFault("\(path) cannot be read")
        }
        do {
            return try read(Array(data))
        } catch let fault as CertificateFault {
            throw LocalFault("\(path): \(fault.sentence)")
        }
    }
}
