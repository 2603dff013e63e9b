internal import Foundation

/// The declarations the demo sends; fictitious people and numbers, valid by rule.
enum DemoDocument {
    static func dmfa(on day: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <DmfAOriginal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="DmfAOriginal_20231.xsd">
          <Form>
            <Identification>DMFA</Identification><FormCreationDate>\(day)</FormCreationDate>
            <FormCreationHour>10:15:00.000</FormCreationHour><AttestationStatus>0</AttestationStatus><TypeForm>SU</TypeForm>
            <Reference>
              <ReferenceType>1</ReferenceType><ReferenceOrigin>1</ReferenceOrigin><ReferenceNbr>DEMO-2023Q1-0001</ReferenceNbr>
            </Reference>
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
                    <OccupationSequenceNbr>1</OccupationSequenceNbr><OccupationStartingDate>2020-01-01</OccupationStartingDate>
                    <JointCommissionNbr>200</JointCommissionNbr><WorkingDaysSystem>500</WorkingDaysSystem>
                    <ContractType>0</ContractType><RefMeanWorkingHours>3800</RefMeanWorkingHours>
                    <MeanWorkingHours>3800</MeanWorkingHours><Retired>0</Retired>
                    <Service>
                      <ServiceSequenceNbr>1</ServiceSequenceNbr><ServiceCode>001</ServiceCode>
                      <ServiceNbrDays>6500</ServiceNbrDays><ServiceNbrHours>49400</ServiceNbrHours>
                    </Service>
                    <Remun>
                      <RemunSequenceNbr>1</RemunSequenceNbr><RemunCode>001</RemunCode><RemunAmount>900000</RemunAmount>
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

    /// `XXX` is the code for every joint committee that has none of its own (domain, DimonaFeatures).
    static func dimona(on day: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Dimona xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="Dimona_20231.xsd">
          <Form>
            <Identification>DIMONA</Identification><FormCreationDate>\(day)</FormCreationDate>
            <FormCreationHour>10:15:00.000</FormCreationHour><AttestationStatus>0</AttestationStatus><TypeForm>SU</TypeForm>
            <DimonaIn>
              <StartingDate>\(day)</StartingDate>
              <EmployerId><NOSSRegistrationNbr>123456749</NOSSRegistrationNbr></EmployerId>
              <NaturalPerson><INSS>85073003328</INSS></NaturalPerson>
              <DimonaFeatures><JointCommissionNbr>XXX</JointCommissionNbr><WorkerType>OTH</WorkerType></DimonaFeatures>
            </DimonaIn>
          </Form>
        </Dimona>

        """
    }
}
