internal import Exchange
public import Validation

/// A receipt as it came, with what its signature shows.
public struct ReceivedReceipt: Sendable, Hashable {
    public let receipt: Receipt
    /// The name of its document, such as `FO.ACRF.999999.20230420.00001.R`.
    public let document: String
    public let signature: ReceiptSignature
    /// It lay there before the set was sent: the set is known from an earlier time.
    public let isEarlier: Bool
}

extension ReceiptSignature {
    /// Who stands behind an answer, in words.
    public var words: String {
        let name = Shown.text(signer.subject)
        return switch standing {
        case .pinned: "signed by the certificate given for receipts, \(name)"
        case .underAuthority: "signed by \(name), under an accepted authority"
        case .integrityOnly:
            "unchanged since it was signed, but nobody says by whom: the signature names \(name); give "
                + "--receipt-certificate or --authority to know"
        }
    }
}
