import COpenSSL
import Testing

@testable import Validation

extension SignatureWorkshop {
    /// The message with other signed attributes, signed anew with the signer's key: what only a signer can make.
    ///
    /// - Parameter isAsWritten: signs the attributes as they are written, not in their DER form.
    func resign(
        _ message: [UInt8], isAsWritten: Bool = false, _ change: (inout MessageTree) throws -> Void
    ) throws -> [UInt8] {
        var tree = try #require(MessageTree(message))
        // ContentInfo, [0], SignedData, SignerInfos, SignerInfo.
        let signerInfo = [1, 0, -1, 0]
        try tree.edit(signerInfo[...]) { signer in
            guard case .elements(let tag, var fields, let length) = signer, fields.count > 5 else { return }
            try change(&fields[3])
            let written = fields[3].encoded
            let form = isAsWritten ? nil : BERElement(whole: written)?.definite(tag: BERElement.set)
            let signed = form ?? [BERElement.set] + written.dropFirst()
            fields[5] = .bytes(tag: BERElement.octets, try signature(over: signed))
            signer = .elements(tag: tag, fields, length)
        }
        return tree.encoded
    }

    /// By the signer's key, with SHA-256.
    private func signature(over bytes: [UInt8]) throws -> [UInt8] {
        let pem = try read("key.pem")
        let source = BIO_new_mem_buf(pem, Int32(pem.count))
        defer { BIO_free(source) }
        let key = try #require(PEM_read_bio_PrivateKey(source, nil, nil, nil))
        defer { EVP_PKEY_free(key) }
        let context = try #require(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        var value = [UInt8](repeating: 0, count: 1024)
        var count = value.count
        try #require(EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1)
        try #require(EVP_DigestSign(context, &value, &count, bytes, bytes.count) == 1)
        return Array(value.prefix(count))
    }
}

extension MessageTree {
    /// Changes the element at a path of places among children; -1 is the last.
    mutating func edit(_ path: ArraySlice<Int>, _ change: (inout MessageTree) throws -> Void) throws {
        guard let next = path.first else { return try change(&self) }
        guard case .elements(let tag, var children, let length) = self else { return }
        let index = next < 0 ? children.count + next : next
        guard children.indices.contains(index) else { return }
        try children[index].edit(path.dropFirst(), change)
        self = .elements(tag: tag, children, length)
    }
}
