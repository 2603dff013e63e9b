public import Exchange

/// A password that may be given to a technical user for FTP (domain 9.13). Only the registry reads its text.
public struct FTPPassword: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    /// What a password has to be. The raw value says it, beginning in the middle of a sentence.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        case length = "has 12 to 64 characters"
        case alphabet = "has only printable ASCII characters and no blanks"
        case classes = "has three of these four: capitals, small letters, digits, other signs"
        case withoutUser = "does not contain the name of the technical user"
    }

    /// The rules that a password breaks.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        public let rules: [Rule]

        /// One English sentence for whoever chose the password; nothing of it is in it.
        public var description: String {
            "This password cannot be taken: one \(rules.map(\.rawValue).joined(separator: ", and "))."
        }
    }

    /// 365 days in seconds: how long a password counts unless the configuration says otherwise.
    public static let life: Double = 365 * 86_400

    /// Whose password it is; the rules depend on it.
    public let user: TechnicalUser
    let text: String

    /// Throws the rules that are broken, all of them.
    public init(_ text: String, for user: TechnicalUser) throws(Fault) {
        let broken = Rule.allCases.filter { !$0.holds(for: text, of: user) }
        guard broken.isEmpty else { throw Fault(rules: broken) }
        self.user = user
        self.text = text
    }

    public var description: String { "(password)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension FTPPassword.Rule {
    fileprivate func holds(for text: String, of user: TechnicalUser) -> Bool {
        switch self {
        case .length: (12...64).contains(text.unicodeScalars.count)
        // RFC 959 says nothing of the encoding of other characters, and clients differ.
        case .alphabet: text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        case .classes: Set(text.utf8.map(FTPPassword.Class.init)).count >= 3
        case .withoutUser: !text.lowercased().contains(user.description.lowercased())
        }
    }
}

extension FTPPassword {
    fileprivate enum Class {
        case capital, small, digit, other

        init(_ byte: UInt8) {
            switch byte {
            case 0x41...0x5A: self = .capital
            case 0x61...0x7A: self = .small
            case 0x30...0x39: self = .digit
            default: self = .other
            }
        }
    }
}
