internal import Crypto
internal import Exchange

internal import struct Foundation.Data

/// A delivery as `multipart/form-data` (RFC 7578): first the part `manifest`, then a part `file` for each FI. The bytes
/// are the same at every attempt, so that a back-end may compare them under one key.
struct DeliveryForm {
    let body: HTTPSBody
    let contentType: String
    /// `Content-Digest` of the whole body (RFC 9530).
    let digest: String

    init(_ delivery: Delivery) throws(Deferral) {
        // Nobody who writes a declaration can have this line in it: the manifest, whose digest it is, comes afterwards.
        let boundary = SHA256.hash(data: delivery.manifest).hexadecimal
        var pieces: [HTTPSBody.Piece] = []
        pieces.append(
            .bytes(
                DeliveryForm.head(boundary, "manifest", "manifest.json", "application/json")
                    + delivery.manifest))
        for file in delivery.files {
            let head = DeliveryForm.head(boundary, "file", file.name.escaped, "application/octet-stream")
            pieces.append(.bytes(Array("\r\n".utf8) + head))
            pieces.append(.file(path: file.path, length: try HeldFile(file.path).length))
        }
        pieces.append(.bytes(Array("\r\n--\(boundary)--\r\n".utf8)))
        body = HTTPSBody(pieces)
        contentType = "multipart/form-data; boundary=\(boundary)"
        digest = try DeliveryForm.digest(of: body)
    }

    private static func head(_ boundary: String, _ name: String, _ file: String, _ type: String) -> [UInt8] {
        Array(
            """
            --\(boundary)\r
            Content-Disposition: form-data; name="\(name)"; filename="\(file)"\r
            Content-Type: \(type)\r
            \r

            """.utf8)
    }

    private static func digest(of body: HTTPSBody) throws(Deferral) -> String {
        let reader = HTTPSBodyReader(body)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        var hash = SHA256()
        do {
            while case let count = try reader.read(into: buffer), count > 0 {
                hash.update(
                    bufferPointer: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
            }
        } catch {
            throw Deferral(.diskFault, error.sentence)
        }
        return "sha-256=:\(Data(hash.finalize()).base64EncodedString()):"
    }
}
