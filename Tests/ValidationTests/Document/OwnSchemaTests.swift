import Exchange
import Foundation
import Testing
import Validation

/// The schemas of `config/schemas` against the examples and the facts of domain 1.6, 1.8, 5.2 and 5.3.
@Suite struct OwnSchemaTests {
    private let bench: DocumentBench

    init() throws { bench = try DocumentBench() }

    @Test func `the four schemas are there and compile`() {
        #expect(
            bench.catalogue.names
                == ["ACRF_20231.xsd", "Dimona_20231.xsd", "DmfAOriginal_20231.xsd", "NOTIFICATION_20231.xsd"])
    }

    @Test func `the examples are valid`() throws {
        #expect(try bench.codes(DocumentExamples.receipt, as: .receipt).isEmpty)
        #expect(try bench.codes(DocumentExamples.notification, as: .notification).isEmpty)
        #expect(try bench.codes(DocumentExamples.dmfa, as: .dmfa).isEmpty)
    }

    @Test(arguments: [
        ("<Trusteeship>0</Trusteeship>", ""), ("<Border>0</Border>", "<Border>2</Border>"),
        ("<Quarter>20231", "<Quarter>20235"), ("<Quarter>20231", "<Quarter>20024"),
        ("<INSS>85073003328", "<INSS>8507300332"), ("<EmployerClass>010", "<EmployerClass>10"),
        ("<WorkingDaysSystem>500", "<WorkingDaysSystem>701"), ("<NetOwedAmount>250000", "<NetOwedAmount>-1"),
        ("10:15:00.000", "10:15:00"), ("<TypeForm>SU", "<TypeForm>FA"),
        ("<Identification>DMFA", "<Identification>DMFB"),
        ("<Retired>0</Retired>", ""), ("<JointCommissionNbr>200", "<JointCommissionNbr>20"),
        ("<NOSSRegistrationNbr>123456749", "<NOSSRegistrationNbr>199999935"),
        ("<CompanyID>0401234560", "<CompanyID>2999999999"), ("2023-04-20", "2023-02-30"),
    ])
    func `a DmfA that breaks a fact is refused`(good: String, bad: String) throws {
        let document = DocumentExamples.dmfa.replacingOccurrences(of: good, with: bad)
        #expect(document != DocumentExamples.dmfa)
        let rule = PurposeRule.rule("DMFA", ["DmfAOriginal"], [])
        #expect(try bench.findings(document, as: rule).contains { $0.code == .invalidAgainstSchema })
    }

    @Test(arguments: [
        DimonaSample.cancel,
        "<DimonaOut><DimonaPeriodId>123456789012</DimonaPeriodId>"
            + "<EndingDate>2023-05-01</EndingDate></DimonaOut>",
        "<DimonaUpdate><DimonaPeriodId>123456789012</DimonaPeriodId>"
            + "<StartingHour>0930</StartingHour></DimonaUpdate>",
        "<DimonaIn><StartingDate>2023-05-01</StartingDate><PlannedHoursNbr>20</PlannedHoursNbr><EmployerId>"
            + "<NOSSRegistrationNbr>123456749</NOSSRegistrationNbr></EmployerId><NaturalPerson>"
            + "<INSS>85073003328</INSS>"
            + "</NaturalPerson><DimonaFeatures><JointCommissionNbr>XXX</JointCommissionNbr>"
            + "<WorkerType>STU</WorkerType>"
            + "</DimonaFeatures></DimonaIn>",
        "<Reference><ReferenceType>6</ReferenceType><ReferenceOrigin>1</ReferenceOrigin>"
            + "<ReferenceNbr>A</ReferenceNbr>"
            + "</Reference>" + DimonaSample.cancel,
        "<DailyRegistrationDeclaration><AttestationStatus>0</AttestationStatus>"
            + "</DailyRegistrationDeclaration>",
    ])
    func `each kind of Dimona is valid`(content: String) throws {
        #expect(try bench.codes(DimonaSample.document(DimonaSample.form("DIMONA", content))).isEmpty)
    }

    @Test(arguments: [
        "", DimonaSample.cancel + DimonaSample.cancel,
        "<DimonaOut><EndingDate>2023-05-01</EndingDate></DimonaOut>",
        "<DimonaIn><StartingDate>2023-05-01</StartingDate></DimonaIn>",
        "<DimonaIn><NaturalPerson/><StartingDate>2023-05-01</StartingDate></DimonaIn>",
        "<DimonaIn><StartingDate>2023-05-01</StartingDate><StartingHour>2400</StartingHour>"
            + "<NaturalPerson/></DimonaIn>",
        "<DimonaIn><StartingDate>2023-05-01</StartingDate><NaturalPerson/><DimonaFeatures>"
            + "<WorkerType>ZZZ</WorkerType>"
            + "</DimonaFeatures></DimonaIn>",
        "<DimonaCancel><DimonaPeriodId>123456789012</DimonaPeriodId><EmployerId>"
            + "<CompanyID>0</CompanyID></EmployerId>"
            + "</DimonaCancel>",
    ])
    func `a Dimona that breaks a fact is refused`(content: String) throws {
        let codes = Set(try bench.codes(DimonaSample.document(DimonaSample.form("DIMONA", content))))
        #expect(codes == [312])
    }

    @Test(arguments: [
        ("<ResultCode>0", "<ResultCode>2"), ("<ErrorID>ACRF-125", "<ErrorID>ACRF-12555"),
        ("10:21:07.412", "10:21:07"),
        ("<AttestationStatus>0", "<AttestationStatus>1"), ("<TypeForm>FA", "<TypeForm>SU"),
        ("<ReferenceNbr>0380AB12CD3HZ", "<ReferenceNbr>0380AB12CD3HZ0380AB12CD"),
    ])
    func `a receipt that breaks a fact is refused`(good: String, bad: String) throws {
        let document = DocumentExamples.receipt.replacingOccurrences(of: good, with: bad)
        #expect(Set(try bench.codes(document, as: .receipt)) == [312])
    }

    @Test(arguments: [
        ("<ResultCode>0", "<ResultCode>9"), ("<Channel>14", "<Channel>18"),
        ("<ReferenceType>1", "<ReferenceType>10"),
        ("<HandlingResult>", "<HandlingResults>"),
        ("<Trusteeship>0</Trusteeship>", "<Trusteeship>A</Trusteeship>"),
    ])
    func `a notification that breaks a fact is refused`(good: String, bad: String) throws {
        let document = DocumentExamples.notification
            .replacingOccurrences(of: good, with: bad)
            .replacingOccurrences(
                of: "</HandlingResult>",
                with: bad == "<HandlingResults>" ? "</HandlingResults>" : "</HandlingResult>")
        #expect(Set(try bench.codes(document, as: .notification)) == [312])
    }
}
