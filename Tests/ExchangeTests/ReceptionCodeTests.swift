import Exchange
import Foundation
import Testing

@Suite struct ReceptionCodeTests {
    @Test func `an error identification has three digits`() {
        #expect(ReceptionCode.schemaUnknown.errorID == "ACRF-088")
        #expect(ReceptionCode.rootUnknown.errorID == "ACRF-089")
        #expect(ReceptionCode.notWellFormed.errorID == "ACRF-102")
        #expect(ReceptionCode.setTooLarge.errorID == "ACRF-509")
        for code in ReceptionCode.allCases {
            #expect(code.errorID.wholeMatch(of: /ACRF-[0-9]{3}/) != nil)
            #expect(code.errorID.utf8.count <= 9)
        }
        #expect(Set(ReceptionCode.allCases.map(\.errorID)).count == ReceptionCode.allCases.count)
    }

    @Test func `the phases come in the order of the decision, and each has its codes`() {
        #expect(
            ReceptionCode.Phase.allCases == [
                .name, .directory, .set, .size, .right, .signature, .document, .schema,
            ])
        for phase in ReceptionCode.Phase.allCases {
            #expect(ReceptionCode.allCases.contains { $0.phase == phase })
        }
    }

    @Test func `a code is in the phase the domain gives it`() {
        let phases: [ReceptionCode.Phase: [Int]] = [
            .name: [107, 109, 110, 111, 112, 114, 115, 116, 117, 126, 127, 128, 129, 131, 132, 144, 367],
            .directory: [108, 118, 119, 257],
            .set: [120, 121, 122, 123, 124, 130, 133, 134, 142],
            .size: [184, 509],
            .right: [103, 154, 168, 249],
            .signature: [125, 153],
            .document: [88, 89, 102, 135, 136, 137, 138, 139, 157, 158, 172, 205, 246],
            .schema: [312],
        ]
        for (phase, codes) in phases {
            #expect(ReceptionCode.allCases.filter { $0.phase == phase }.map(\.rawValue).sorted() == codes)
        }
    }

    @Test(arguments: ReceptionCode.allCases)
    func `every code says in four languages what is wrong and what mends it`(_ code: ReceptionCode) {
        var texts: [String] = []
        for language in Language.allCases {
            texts += [code.sentence(in: language), code.mend(in: language)]
        }
        #expect(Set(texts).count == 8)
        for text in texts {
            #expect(text.first?.isUppercase == true)
            #expect(text.hasSuffix("."))
            #expect(text.count > 15)
            #expect(!text.contains("\n") && !text.contains("  ") && !text.contains("\\"))
        }
    }

    @Test(arguments: Language.allCases)
    func `who names no known schema is led to that of the own form`(_ language: Language) {
        let mend = ReceptionCode.schemaUnknown.mend(in: language)
        for root in ["Dimona", "DmfAOriginal"] { #expect(mend.contains("\(root)_20231.xsd"), "\(mend)") }
    }

    @Test(arguments: Language.allCases)
    func `no two codes share a sentence or a mend`(_ language: Language) {
        let codes = ReceptionCode.allCases
        #expect(Set(codes.map { $0.sentence(in: language) }).count == codes.count)
        #expect(Set(codes.map { $0.mend(in: language) }).count == codes.count)
    }

    /// Words that are the same in every language, so that no text can stand under another code.
    @Test(arguments: [
        (ReceptionCode.malformedTriggerName, "GO"), (.malformedDeclarationName, "FI"),
        (.malformedSignatureName, "FS"),
        (.sequenceCharacters, "A"), (.sequenceZero, "00000"), (.environmentUnknown, "R"),
        (.realOutsideIN, " IN"),
        (.testOutsideINTEST, "INTEST"), (.simulationOutsideINTESTS, "INTEST-S"), (.declarationCount, "FI"),
        (.signatureCount, "FS"), (.declarationNumbering, "FI"), (.signatureNumbering, "FS"),
        (.triggerMissing, "GO"),
        (.noData, "FI"), (.noDeclaration, "FI"), (.fileTooLarge, "FI"), (.signatureInvalid, "FI"),
        (.notWellFormed, "XML"), (.notAForm, "Form"),
    ])
    func `a sentence names what it is about`(_ code: ReceptionCode, _ word: String) {
        for language in Language.allCases {
            #expect(code.sentence(in: language).contains(word), "\(language)")
        }
    }

    @Test(arguments: [
        (ReceptionCode.malformedDeclarationName, "FI.DMFA.006400.20230420.00001.R.1.1"),
        (.dateLength, "20230420"),
        (.sequenceLength, "00001"), (.sequenceZero, "00001"), (.wrongPrefix, "TD"),
        (.encodingUnsupported, "UTF-8"),
        (.schemaNotNamed, "xsi:noNamespaceSchemaLocation"), (.schemaUnknown, "DmfAOriginal_20231.xsd"),
        (.realOutsideIN, "IN"), (.testOutsideINTEST, "INTEST"), (.simulationOutsideINTESTS, "INTEST-S"),
    ])
    func `a mend shows the right form`(_ code: ReceptionCode, _ form: String) {
        for language in Language.allCases {
            #expect(code.mend(in: language).contains(form), "\(language)")
        }
    }
}
