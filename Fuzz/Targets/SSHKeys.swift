internal import Exchange
internal import Foundation

extension FuzzTarget {
    /// An SSH public key as a file, as somebody registers it.
    ///
    /// Proves: a key is of a supported algorithm and strong enough; its one line and its block of RFC 4716 are read as
    /// the same; a byte more or less is no key.
    static let sshKeys = FuzzTarget(name: "ssh-keys", longest: 2048) {
        ["ed25519.pub", "ecdsa.pub", "rsa.pub", "rfc4716.pub", "ed25519"].map { Material.bytes($0) }
    } prove: { input in
        // Behind a NUL the blob stands bare, so that a change of one bit is one of the key.
        let key =
            input.first == 0
            ? try? SSHPublicKey(blob: Array(input.dropFirst()))
            : try? SSHPublicKey(file: String(decoding: input, as: UTF8.self))
        guard let key else { return }
        let isStrong = key.algorithm == "ssh-rsa" ? key.bits >= 2048 : [256, 384, 521].contains(key.bits)
        hold(isStrong, "\(key.algorithm) of \(key.bits) bits")
        let text = Data(key.blob).base64EncodedString()
        hold(
            (try? SSHPublicKey(file: "\(key.algorithm) \(text) somebody")) == key,
            "a key that its line is not")
        let block =
            "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"a \\\nb\"\n\(text)\n---- END SSH2 PUBLIC KEY ----\n"
        hold((try? SSHPublicKey(file: block)) == key, "a key that its block is not")
        hold((try? SSHPublicKey(blob: key.blob + [0])) == nil, "a key with a byte more")
        hold((try? SSHPublicKey(blob: key.blob.dropLast())) == nil, "a key with a byte less")
    }
}
