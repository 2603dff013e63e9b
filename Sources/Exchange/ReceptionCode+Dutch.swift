extension ReceptionCode {
    /// What is wrong and what mends it, in Dutch.
    var dutch: Text {
        switch self {
        case .malformedTriggerName:
            Text(
                "De naam van het GO- of TD-bestand volgt de naamconventie niet.",
                """
                Neem de naam van de FI-bestanden over, met GO of TD in plaats van FI en zonder het \
                deelnummer.
                """)
        case .senderDiffersFromDirectory:
            Text(
                "Het verzendernummer in de naam is niet dat van de map waarin het bestand werd geplaatst.",
                """
                Zet uw eigen verzendernummer in het derde element van de naam, of verzend met de juiste \
                account.
                """)
        case .dateLength:
            Text(
                "De datum in de naam telt geen acht tekens.",
                "Schrijf de aanmaakdatum als jjjjmmdd, bijvoorbeeld 20230420.")
        case .dateInvalid:
            Text(
                "De datum in de naam is geen bestaande dag.",
                "Gebruik een bestaande dag, geschreven als jjjjmmdd, en verzend het geheel opnieuw.")
        case .dateInFuture:
            Text(
                "De datum in de naam ligt na vandaag.",
                "Gebruik de dag waarop de bestanden zijn gemaakt en controleer de klok van uw systeem.")
        case .sequenceLength:
            Text(
                "Het volgnummer in de naam telt geen vijf tekens.",
                "Schrijf het volgnummer met vijf tekens, links aangevuld met nullen, bijvoorbeeld 00001.")
        case .partsLength:
            Text(
                "Het aantal delen in de naam is niet één teken lang.",
                "Schrijf het aantal delen als één cijfer van 1 tot 9.")
        case .partsNotNumeric:
            Text(
                "Het aantal delen in de naam is geen cijfer.",
                "Vervang het door een cijfer van 1 tot 9: het aantal FI-bestanden van het geheel.")
        case .partsZero:
            Text(
                "Het aantal delen in de naam is nul.",
                "Vermeld het werkelijke aantal FI-bestanden, minstens 1.")
        case .environmentUnknown:
            Text(
                "De omgeving in de naam is niet R, T of S.",
                "Schrijf R voor echte aangiften, T voor de circuittest of S voor de simulatie.")
        case .dateTooOld:
            Text(
                "De datum in de naam ligt te ver in het verleden.",
                "Geef het geheel een nieuwe naam met een recente aanmaakdatum en verzend het opnieuw.")
        case .sequenceZero:
            Text(
                "Het volgnummer in de naam is 00000.",
                "Begin bij 00001; elk geheel van dezelfde dag en omgeving heeft een eigen nummer.")
        case .partsAboveMaximum:
            Text(
                "De naam kondigt meer delen aan dan een geheel mag hebben.",
                "Verdeel de aangiften over meerdere gehelen, elk met een eigen volgnummer.")
        case .wrongPrefix:
            Text(
                "De naam van een bestand begint met een voorvoegsel dat niet wordt aanvaard.",
                "Verzend alleen bestanden waarvan de naam begint met FI, FS, GO of TD, in hoofdletters.")
        case .malformedDeclarationName:
            Text(
                "De naam van een FI-bestand volgt de naamconventie niet.",
                """
                Noem het FI.doel.verzender.datum.volgnummer.omgeving.delen.deel, bijvoorbeeld \
                FI.DMFA.006400.20230420.00001.R.1.1.
                """)
        case .malformedSignatureName:
            Text(
                "De naam van een FS-bestand volgt de naamconventie niet.",
                """
                Geef elk FS-bestand de naam van het FI-bestand dat het ondertekent, met FS in plaats van \
                FI.
                """)
        case .environmentMissing:
            Text(
                "De naam bevat geen omgeving.",
                "Voeg R, T of S toe als zesde element, na het volgnummer.")
        case .sequenceCharacters:
            Text(
                "Het volgnummer in de naam bevat een ander teken dan 0 tot 9 en A tot Z.",
                "Gebruik in het volgnummer alleen cijfers en hoofdletters zonder accenten.")
        case .realOutsideIN:
            Text(
                "Een geheel van omgeving R werd in een andere map dan IN geplaatst.",
                "Plaats echte aangiften in IN, of verbeter de omgeving in de namen.")
        case .testOutsideINTEST:
            Text(
                "Een geheel van omgeving T werd in een andere map dan INTEST geplaatst.",
                "Plaats circuittests in INTEST, of verbeter de omgeving in de namen.")
        case .simulationOutsideINTESTS:
            Text(
                "Een geheel van omgeving S werd in een andere map dan INTEST-S geplaatst.",
                "Plaats simulaties in INTEST-S, of verbeter de omgeving in de namen.")
        case .declarationCount:
            Text(
                "Het aantal FI-bestanden is niet het aantal delen dat de naam aankondigt.",
                """
                Verzend alle FI-bestanden vóór de GO en kondig precies evenveel delen aan als er FI- \
                bestanden zijn.
                """)
        case .signatureNotAllowed:
            Text(
                "Het geheel bevat een handtekening, terwijl die hier niet mag worden meegegeven.",
                "Verzend het geheel zonder FS-bestanden.")
        case .signatureCount:
            Text(
                "Het aantal FS-bestanden is niet het vereiste aantal.",
                "Onderteken elk FI-bestand apart en verzend één FS-bestand per FI-bestand, vóór de GO.")
        case .declarationNumbering:
            Text(
                """
                De nummering van de FI-bestanden heeft een gat of een dubbel, of de namen kondigen een \
                verschillend aantal delen aan.
                """,
                "Nummer de FI-bestanden vanaf 1 zonder gaten en schrijf in elke naam hetzelfde aantal delen.")
        case .signatureNumbering:
            Text(
                "De FS-bestanden zijn anders genummerd dan de FI-bestanden waarbij ze horen.",
                """
                Geef elk FS-bestand het aantal delen en het deelnummer van het FI-bestand dat het \
                ondertekent.
                """)
        case .triggerMissing:
            Text(
                "Er kwamen bestanden aan, maar geen GO-bestand binnen de toegestane tijd.",
                "Verzend het hele geheel opnieuw met een nieuw volgnummer, het GO-bestand als laatste.")
        case .nameAlreadyUsed:
            Text(
                "Een geheel met dezelfde naam maar een andere inhoud werd al aanvaard.",
                """
                Geef het nieuwe geheel een ander volgnummer; om de eerste ontvangstmelding te krijgen, \
                verzendt u dezelfde bestanden.
                """)
        case .noData:
            Text(
                "Een FI-bestand is leeg.",
                """
                Controleer hoe het bestand werd gemaakt en overgebracht en verzend het geheel opnieuw met \
                inhoud.
                """)
        case .noDeclaration:
            Text(
                "Het geheel bevat geen enkel FI-bestand.",
                "Verzend minstens één FI-bestand met zijn FS-bestand vóór het GO-bestand van dezelfde naam.")
        case .fileTooLarge:
            Text(
                "Een FI-bestand is groter dan voor zijn doel is toegestaan.",
                "Verdeel de aangifte over meerdere bestanden of gehelen en verzend ze opnieuw.")
        case .setTooLarge:
            Text(
                "De bestanden van het geheel zijn samen groter dan toegestaan.",
                "Verdeel de aangiften over meerdere gehelen, elk onder de grens.")
        case .senderNotAuthorised:
            Text(
                "De verzender is niet geregistreerd of is geblokkeerd.",
                "Vraag uw toegangsbeheerder om de registratie van uw verzender na te kijken.")
        case .purposeNotOfSender:
            Text(
                "Een verzender kan geen bestanden met dit doel verzenden.",
                "Vergelijk de vier letters van het doel in de naam met de toepassingen van uw verzender.")
        case .accessModeNotAuthorised:
            Text(
                "Geen enkel kanaal van de verzender is gemachtigd voor de toepassing van dit bestand.",
                "Vraag uw toegangsbeheerder om de toepassing aan een van uw kanalen toe te voegen.")
        case .channelDiffers:
            Text(
                "De toepassing van dit bestand is gemachtigd op een ander kanaal dan het gebruikte.",
                "Verzend via het gemachtigde kanaal, of laat de toepassing aan dit kanaal toevoegen.")
        case .signatureInvalid:
            Text(
                "De handtekening van een FI-bestand is niet geldig.",
                """
                Onderteken het FI-bestand zoals het wordt verzonden, byte voor byte, met een geldig \
                certificaat en verzend opnieuw.
                """)
        case .certificateNotOfSender:
            Text(
                """
                Het certificaat van de handtekening is niet geregistreerd voor deze verzender op dit \
                kanaal.
                """,
                """
                Onderteken met het geregistreerde certificaat, of laat dit certificaat voor het kanaal \
                registreren.
                """)
        case .rootUnknown:
            Text(
                "Het hoofdelement van het document is niet bekend voor dit doel.",
                """
                Gebruik het hoofdelement dat hoort bij het doel in de bestandsnaam, bijvoorbeeld \
                DmfAOriginal voor DMFA.
                """)
        case .schemaUnknown:
            Text(
                "Het schema dat het document noemt, is hier niet bekend.",
                """
                Noem het schema van uw formulier in een versie die hier wordt gebruikt: Dimona_20231.xsd \
                voor het hoofdelement Dimona, DmfAOriginal_20231.xsd voor het hoofdelement DmfAOriginal.
                """)
        case .notWellFormed:
            Text(
                "Het document is geen welgevormde XML.",
                "Verbeter de XML op de aangegeven plaats; elke XML-parser toont de fout.")
        case .formDiffersFromSchema:
            Text(
                "Het genoemde schema is niet dat van het hoofdelement van het document.",
                "Noem het schema dat met de naam van het hoofdelement begint, of verbeter het hoofdelement.")
        case .schemaNotNamed:
            Text(
                "Het document noemt geen schema.",
                "Voeg aan het hoofdelement xsi:noNamespaceSchemaLocation met de naam van het schema toe.")
        case .schemaStandardUnsupported:
            Text(
                "Het document noemt zijn schema volgens een standaard die niet wordt ondersteund.",
                """
                Noem een XML Schema (.xsd) met xsi:noNamespaceSchemaLocation; DTD en andere worden niet \
                aanvaard.
                """)
        case .encodingUnsupported:
            Text(
                "Het document vermeldt een tekencodering die niet wordt ondersteund.",
                "Schrijf het document in UTF-8 en vermeld dat op de eerste regel.")
        case .namespaceWrong:
            Text(
                "Het hoofdelement van het document staat in een naamruimte.",
                "Neem de standaardnaamruimte (xmlns) en elk voorvoegsel van het hoofdelement weg.")
        case .noForm:
            Text(
                "Het document bevat geen enkele aangifte.",
                "Plaats minstens één element Form onder het hoofdelement.")
        case .formDiffersFromName:
            Text(
                "Het formulier in het document hoort niet bij het doel dat de bestandsnaam aangeeft.",
                "Noem het bestand naar het formulier dat het bevat, of zet het juiste formulier erin.")
        case .tooManyForms:
            Text(
                "Het document bevat meer aangiften dan één bestand mag bevatten.",
                "Verdeel de aangiften over meerdere bestanden of gehelen.")
        case .notAForm:
            Text(
                "Het document bevat iets anders dan een Form onder zijn hoofdelement.",
                "Laat rechtstreeks onder het hoofdelement alleen elementen Form staan.")
        case .moreThanOneForm:
            Text(
                "Het document bevat meer dan één formulier terwijl er maar één mag zijn.",
                "Verzend elk formulier in een eigen bestand.")
        case .invalidAgainstSchema:
            Text(
                "Het document voldoet niet aan zijn schema.",
                """
                Verbeter het document op de aangegeven plaats en toets het aan het schema voor u het \
                opnieuw verzendt.
                """)
        }
    }
}
