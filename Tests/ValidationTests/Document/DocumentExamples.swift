/// The examples of the messages, made up (domain 1.6, 1.8, 5.2).
enum DocumentExamples {
    static let receipt = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ACRF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:noNamespaceSchemaLocation="ACRF_20231.xsd">
          <Form>
            <Identification>ACRF001</Identification>
            <FormCreationDate>2023-04-20</FormCreationDate>
            <FormCreationHour>10:21:07.412</FormCreationHour>
            <AttestationStatus>0</AttestationStatus>
            <TypeForm>FA</TypeForm>
            <FileReference>
              <FileName>GO.DMFA.006400.20230420.00001.R.1</FileName>
              <ReferenceOrigin>2</ReferenceOrigin>
              <ReferenceNbr>0380AB12CD3HZ</ReferenceNbr>
            </FileReference>
            <ReceptionResult>
              <ResultCode>0</ResultCode>
              <ErrorID>ACRF-125</ErrorID>
            </ReceptionResult>
          </Form>
        </ACRF>
        """

    static let notification = """
        <?xml version="1.0" encoding="UTF-8"?>
        <NOTIFICATION xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:noNamespaceSchemaLocation="NOTIFICATION_20231.xsd">
          <Form>
            <Identification>NOTI001</Identification>
            <FormCreationDate>2023-04-20</FormCreationDate>
            <FormCreationHour>10:24:31.005</FormCreationHour>
            <AttestationStatus>0</AttestationStatus>
            <TypeForm>FA</TypeForm>
            <FileReference>
              <FileName>GO.DMFA.006400.20230420.00001.R.1</FileName>
              <ReferenceOrigin>2</ReferenceOrigin>
              <ReferenceNbr>0380AB12CD3HZ</ReferenceNbr>
            </FileReference>
            <FileReceptionInformation>
              <ReceptionDate>2023-04-20</ReceptionDate>
              <ReceptionHour>10:20:58.000</ReceptionHour>
              <Channel>14</Channel>
            </FileReceptionInformation>
            <HandledOriginalForm>
              <Identification>DMFA</Identification>
              <FormCreationDate>2023-04-20</FormCreationDate>
              <FormCreationHour>10:15:00.000</FormCreationHour>
              <AttestationStatus>0</AttestationStatus>
              <TypeForm>SU</TypeForm>
            </HandledOriginalForm>
            <Reference>
              <ReferenceType>1</ReferenceType><ReferenceOrigin>1</ReferenceOrigin>
              <ReferenceNbr>ABC-2023Q1-0001</ReferenceNbr>
            </Reference>
            <EmployerId>
              <NOSSRegistrationNbr>123456749</NOSSRegistrationNbr><CompanyID>0401234560</CompanyID>
            </EmployerId>
            <ConcernedQuarter><Quarter>20231</Quarter></ConcernedQuarter>
            <HandledReference>
              <ReferenceType>1</ReferenceType><ReferenceOrigin>2</ReferenceOrigin>
              <ReferenceNbr>0340AB12CD4XZ</ReferenceNbr>
            </HandledReference>
            <HandlingResult>
              <ResultCode>0</ResultCode>
              <Diagnosis>3</Diagnosis>
              <AnomalyReport>
                <ErrorID>00011-155</ErrorID>
                <TagName>NOSSRegistrationNbr</TagName>
                <Value>123456749</Value>
                <AnomalyClass>B</AnomalyClass>
                <AnomalyLocation><Location>1,1,7,2</Location></AnomalyLocation>
                <Path>
                  <Quarter>20231</Quarter><NOSSRegistrationNbr>123456749</NOSSRegistrationNbr>
                  <Trusteeship>0</Trusteeship><CompanyID>0401234560</CompanyID>
                </Path>
              </AnomalyReport>
            </HandlingResult>
          </Form>
        </NOTIFICATION>
        """

    static let dmfa = """
        <?xml version="1.0" encoding="UTF-8"?>
        <DmfAOriginal xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:noNamespaceSchemaLocation="DmfAOriginal_20231.xsd">
          <Form>
            <Identification>DMFA</Identification><FormCreationDate>2023-04-20</FormCreationDate>
            <FormCreationHour>10:15:00.000</FormCreationHour><AttestationStatus>0</AttestationStatus>
            <TypeForm>SU</TypeForm>
            <Reference><ReferenceType>1</ReferenceType><ReferenceOrigin>1</ReferenceOrigin>
            <ReferenceNbr>ABC-2023Q1-0001</ReferenceNbr></Reference>
            <EmployerDeclaration>
              <Quarter>20231</Quarter><NOSSRegistrationNbr>123456749</NOSSRegistrationNbr>
              <Trusteeship>0</Trusteeship>
              <CompanyID>0401234560</CompanyID><NetOwedAmount>250000</NetOwedAmount>
              <NaturalPerson>
                <NaturalPersonSequenceNbr>1</NaturalPersonSequenceNbr><INSS>85073003328</INSS>
                <WorkerRecord>
                  <EmployerClass>010</EmployerClass><WorkerCode>495</WorkerCode>
                  <NOSSQuarterStartingDate>2023-01-01</NOSSQuarterStartingDate>
                  <NOSSQuarterEndingDate>2023-03-31</NOSSQuarterEndingDate>
                  <Border>0</Border>
                  <Occupation>
                    <OccupationSequenceNbr>1</OccupationSequenceNbr>
                    <OccupationStartingDate>2020-01-01</OccupationStartingDate>
                    <JointCommissionNbr>200</JointCommissionNbr>
                    <WorkingDaysSystem>500</WorkingDaysSystem><ContractType>0</ContractType>
                    <RefMeanWorkingHours>3800</RefMeanWorkingHours>
                    <MeanWorkingHours>3800</MeanWorkingHours><Retired>0</Retired>
                    <Service><ServiceSequenceNbr>1</ServiceSequenceNbr><ServiceCode>001</ServiceCode>
                      <ServiceNbrDays>6500</ServiceNbrDays><ServiceNbrHours>49400</ServiceNbrHours>
                      </Service>
                    <Remun><RemunSequenceNbr>1</RemunSequenceNbr><RemunCode>001</RemunCode>
                    <RemunAmount>900000</RemunAmount></Remun>
                  </Occupation>
                  <WorkerContribution><ContributionWorkerCode>495</ContributionWorkerCode>
                  <ContributionType>0</ContributionType>
                    <ContributionCalculationBasis>900000</ContributionCalculationBasis>
                    <ContributionAmount>250000</ContributionAmount></WorkerContribution>
                </WorkerRecord>
              </NaturalPerson>
            </EmployerDeclaration>
          </Form>
        </DmfAOriginal>
        """
}
