import Foundation
import Synchronization
import Validation

/// A registered sender with its SSH key and its signing certificate; makes sets under names never used before.
final class Sender: Sendable {
    let number: String
    let user: String
    /// Path of the SSH private key.
    let identity: String
    let signatory: Signatory
    private let sequence = Mutex(0)

    init(number: String, user: String, identity: String, signatory: Signatory) {
        self.number = number
        self.user = user
        self.identity = identity
        self.signatory = signatory
    }

    /// A set under a new name, one part for each document, signed by the sender unless somebody else is named.
    func set(
        _ documents: [String] = [Declaration.dimona], purpose: String = "DIMN", environment: String = "R",
        signedBy signatory: Signatory? = nil
    ) throws -> FileSet {
        let sequence = sequence.withLock { number in
            number += 1
            return number
        }
        let digits = String(repeating: "0", count: 5 - String(sequence).count) + String(sequence)
        let stem = "\(purpose).\(number).\(FileSet.day).\(digits).\(environment).\(documents.count)"
        return try FileSet(
            stem: stem, documents: documents.map { Array($0.utf8) }, signedBy: signatory ?? self.signatory)
    }
}

/// One file of a sender.
struct File: Sendable, Hashable {
    var name: String
    var bytes: [UInt8]
}

/// A file set under its real names.
struct FileSet: Sendable {
    /// The GO's name without its prefix: `DIMN.006400.20260102.00001.R.1`.
    let stem: String
    var declarations: [File]
    var signatures: [File]

    init(stem: String, documents: [[UInt8]], signedBy signatory: Signatory) throws {
        self.stem = stem
        declarations = documents.enumerated().map { File(name: "FI.\(stem).\($0 + 1)", bytes: $1) }
        signatures = try declarations.map { file in
            File(name: "FS" + file.name.dropFirst(2), bytes: try signatory.sign(file.bytes))
        }
    }

    var trigger: File { File(name: "GO." + stem, bytes: []) }
    var cancellation: File { File(name: "TD." + stem, bytes: []) }

    /// Everything, GO last.
    var files: [File] { declarations + signatures + [trigger] }

    /// The day before now in UTC, so that midnight spoils no test.
    static let day = Date(timeIntervalSinceNow: -86_400).formatted(
        .iso8601.year().month().day().dateSeparator(.omitted))
}

/// Declarations of fictitious people, valid by rule (domain 5.5).
enum Declaration {
    static let dimona = dimona(inss: "85073003328")

    static func dimona(inss: String, workerType: String = "OTH") -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Dimona xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="Dimona_20231.xsd">
          <Form>
            <Identification>DIMONA</Identification><FormCreationDate>2023-04-20</FormCreationDate>
            <FormCreationHour>10:15:00.000</FormCreationHour><AttestationStatus>0</AttestationStatus><TypeForm>SU</TypeForm>
            <DimonaIn>
              <StartingDate>2023-04-20</StartingDate>
              <EmployerId><NOSSRegistrationNbr>123456749</NOSSRegistrationNbr></EmployerId>
              <NaturalPerson><INSS>\(inss)</INSS></NaturalPerson>
              <DimonaFeatures>
                <JointCommissionNbr>XXX</JointCommissionNbr>
                <WorkerType>\(workerType)</WorkerType>
              </DimonaFeatures>
            </DimonaIn>
          </Form>
        </Dimona>

        """
    }

    static let dmfa = """
        <?xml version="1.0" encoding="UTF-8"?>
        <DmfAOriginal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="DmfAOriginal_20231.xsd">
          <Form>
            <Identification>DMFA</Identification><FormCreationDate>2023-04-20</FormCreationDate>
            <FormCreationHour>10:15:00.000</FormCreationHour><AttestationStatus>0</AttestationStatus><TypeForm>SU</TypeForm>
            <EmployerDeclaration>
              <Quarter>20231</Quarter><NOSSRegistrationNbr>123456749</NOSSRegistrationNbr><Trusteeship>0</Trusteeship>
              <CompanyID>0401234560</CompanyID><NetOwedAmount>250000</NetOwedAmount>
              <NaturalPerson>
                <NaturalPersonSequenceNbr>1</NaturalPersonSequenceNbr><INSS>85073003328</INSS>
                <WorkerRecord>
                  <EmployerClass>010</EmployerClass><WorkerCode>495</WorkerCode>
                  <NOSSQuarterStartingDate>2023-01-01</NOSSQuarterStartingDate>
                  <NOSSQuarterEndingDate>2023-03-31</NOSSQuarterEndingDate><Border>0</Border>
                  <Occupation>
                    <OccupationSequenceNbr>1</OccupationSequenceNbr>
                    <OccupationStartingDate>2020-01-01</OccupationStartingDate>
                    <JointCommissionNbr>200</JointCommissionNbr><WorkingDaysSystem>500</WorkingDaysSystem>
                    <ContractType>0</ContractType><RefMeanWorkingHours>3800</RefMeanWorkingHours>
                    <MeanWorkingHours>3800</MeanWorkingHours><Retired>0</Retired>
                    <Service>
                      <ServiceSequenceNbr>1</ServiceSequenceNbr><ServiceCode>001</ServiceCode>
                      <ServiceNbrDays>6500</ServiceNbrDays><ServiceNbrHours>49400</ServiceNbrHours>
                    </Service>
                    <Remun>
                      <RemunSequenceNbr>1</RemunSequenceNbr><RemunCode>001</RemunCode>
                      <RemunAmount>900000</RemunAmount>
                    </Remun>
                  </Occupation>
                  <WorkerContribution>
                    <ContributionWorkerCode>495</ContributionWorkerCode><ContributionType>0</ContributionType>
                    <ContributionCalculationBasis>900000</ContributionCalculationBasis>
                    <ContributionAmount>250000</ContributionAmount>
                  </WorkerContribution>
                </WorkerRecord>
              </NaturalPerson>
            </EmployerDeclaration>
          </Form>
        </DmfAOriginal>

        """
}
