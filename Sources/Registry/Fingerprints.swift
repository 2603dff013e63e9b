internal import Crypto
internal import Exchange

internal import struct Foundation.Data

extension Exchange.Digest {
    init?(sha256 bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes))
    }
}

extension SSHPublicKey {
    /// As `ssh-keygen -l` prints it: `SHA256:` and base64 without padding.
    var fingerprint: String {
        let encoded = Data(SHA256.hash(data: blob)).base64EncodedString()
        return "SHA256:" + encoded.prefix { $0 != "=" }
    }
}
