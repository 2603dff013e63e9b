@testable internal import Validation

extension FuzzTarget {
    /// The bytes of a document in the encoding that the first byte says, in pieces of the size that the second says.
    ///
    /// Proves: what passes is UTF-8 without NUL, the same however it is cut, and for UTF-8 just as much as the standard
    /// library takes; an encoding that is found is one that is taken.
    static let characters = FuzzTarget(name: "characters", longest: 512) {
        [[UInt8]](
            texts: "\u{0}\u{3}a\u{E9}\u{20AC}\u{1F600}", "\u{2}\u{1}abc",
            "\u{0}\u{2}<?xml version='1.0' encoding='latin1'?>")
            + [[3, 1, 0xA4, 0xBC, 0xFF], [1, 1, 0x61, 0x80]]
    } prove: { input in
        var bytes = Bytes(input)
        let encoding = DocumentEncoding.allCases[Int(bytes.byte()) % DocumentEncoding.allCases.count]
        let size = Int(bytes.byte())
        let document = Array(bytes.rest)
        _ = document.withUnsafeBytes { try? DocumentEncoding.detect(in: $0) }
        let whole = pass([document], encoding)
        let cut = pass(document.pieces(of: size), encoding)
        hold(whole.text == cut.text && whole.fault == cut.fault, "what passes depends on how it was cut")
        hold(!whole.text.contains(0), "a NUL has passed")
        hold(
            whole.isInside || whole.fault != nil || String(validating: whole.text, as: UTF8.self) != nil,
            "no UTF-8")
        guard encoding == .utf8 else { return }
        let isGood = !document.contains(0) && String(validating: document, as: UTF8.self) != nil
        hold(isGood == (whole.fault == nil && !whole.isInside), "UTF-8 for one and not for the other")
    }

    private static func pass(
        _ pieces: [[UInt8]], _ encoding: DocumentEncoding
    ) -> (text: [UInt8], fault: CharacterScreen.Fault?, isInside: Bool) {
        var screen = CharacterScreen(encoding)
        var text: [UInt8] = []
        for piece in pieces {
            if let fault = piece.withUnsafeBytes({ screen.pass($0) { text += $0 } }) {
                return (text, fault, screen.isInsideCharacter)
            }
        }
        return (text, nil, screen.isInsideCharacter)
    }
}
