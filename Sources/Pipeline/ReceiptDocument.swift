internal import Exchange
internal import Foundation

/// The ACRF document that tells a sender what became of a set (domain 1.6); valid against `ACRF_20231.xsd`.
struct ReceiptDocument {
    let record: DecisionRecord

    /// UTF-8 XML, LF line ends.
    var bytes: [UInt8] {
        let isAccepted = record.verdict == .accepted
        let created = record.decidedAt.formCreation
        let errors = record.codes.map { "      <ErrorID>\($0.errorID)</ErrorID>\n" }.joined()
        return Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <ACRF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="ACRF_20231.xsd">
              <Form>
                <Identification>ACRF001</Identification>
                <FormCreationDate>\(created.date)</FormCreationDate>
                <FormCreationHour>\(created.hour)</FormCreationHour>
                <AttestationStatus>0</AttestationStatus>
                <TypeForm>\(isAccepted ? "PA" : "FA")</TypeForm>
                <FileReference>
                  <FileName>\(ReceiptDocument.shown(record.fileName))</FileName>
                  <ReferenceOrigin>2</ReferenceOrigin>
                  <ReferenceNbr>\(record.ticket)</ReferenceNbr>
                </FileReference>
                <ReceptionResult>
                  <ResultCode>\(isAccepted ? 1 : 0)</ResultCode>
            \(errors)    </ReceptionResult>
              </Form>
            </ACRF>

            """.utf8)
    }

    /// `FileName` holds 1 to 64 characters; a longer name is cut. The escaped form has no character special to XML.
    private static func shown(_ name: FileName) -> String {
        String(name.escaped.prefix(64))
    }
}

extension DecisionRecord {
    /// The codes to tell, each once, in the order they were found.
    var codes: [ReceptionCode] {
        var seen: Set<ReceptionCode> = []
        return findings.map(\.code).filter { seen.insert($0).inserted }
    }
}
