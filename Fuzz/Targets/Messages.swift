@testable internal import Validation

extension FuzzTarget {
    /// A CMS message, in text or DER, as its reader takes it apart.
    ///
    /// Proves: an element's definite form is its own definite form, and as long as it says; what is signed is a SET;
    /// no message has more certificates than allowed.
    static let messages = FuzzTarget(name: "messages", longest: 8192) {
        [[0x30, 0x80, 0x02, 0x01, 0x05, 0x24, 0x80, 0x04, 0x01, 0x61, 0x00, 0x00, 0x00, 0x00]]
    } prove: { input in
        if let element = BERElement(whole: input) {
            hold(element.whole.count == input.count, "an element of other bytes")
            if let definite = element.definite() {
                hold(BERElement(whole: definite)?.definite() == definite, "a definite form that has another")
            }
        }
        guard let message = try? SignedMessage(file: input, policy: SignaturePolicy()) else { return }
        hold(message.certificates.count <= 32, "\(message.certificates.count) certificates")
        hold(message.digest.isAllowed(by: SignaturePolicy()), "a digest that is not allowed")
        guard let attributes = message.attributes else { return }
        hold(
            BERElement(whole: attributes.encoded)?.tag == BERElement.set, "signed attributes that are no SET")
    }
}
