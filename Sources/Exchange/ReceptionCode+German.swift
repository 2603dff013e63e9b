extension ReceptionCode {
    /// What is wrong and what mends it, in German.
    var german: Text {
        switch self {
        case .malformedTriggerName:
            Text(
                "Der Name der GO- oder TD-Datei folgt nicht der Namenskonvention.",
                """
                Übernehmen Sie den Namen der FI-Dateien mit GO oder TD statt FI und ohne die Nummer des \
                Teils.
                """)
        case .senderDiffersFromDirectory:
            Text(
                """
                Die Absendernummer im Namen ist nicht die des Verzeichnisses, in das die Datei gelegt \
                wurde.
                """,
                """
                Setzen Sie Ihre eigene Absendernummer an die dritte Stelle des Namens oder senden Sie mit \
                dem richtigen Konto.
                """)
        case .dateLength:
            Text(
                "Das Datum im Namen hat nicht acht Zeichen.",
                "Schreiben Sie das Erstellungsdatum als jjjjmmtt, zum Beispiel 20230420.")
        case .dateInvalid:
            Text(
                "Das Datum im Namen ist kein Tag des Kalenders.",
                "Verwenden Sie einen vorhandenen Tag in der Form jjjjmmtt und senden Sie den Satz erneut.")
        case .dateInFuture:
            Text(
                "Das Datum im Namen liegt nach dem heutigen Tag.",
                "Verwenden Sie den Tag, an dem die Dateien entstanden, und prüfen Sie die Uhr Ihres Systems.")
        case .sequenceLength:
            Text(
                "Die Folgenummer im Namen hat nicht fünf Zeichen.",
                """
                Schreiben Sie die Folgenummer mit fünf Zeichen, links mit Nullen aufgefüllt, zum Beispiel \
                00001.
                """)
        case .partsLength:
            Text(
                "Die Anzahl der Teile im Namen ist nicht genau ein Zeichen lang.",
                "Schreiben Sie die Anzahl der Teile als eine Ziffer von 1 bis 9.")
        case .partsNotNumeric:
            Text(
                "Die Anzahl der Teile im Namen ist keine Ziffer.",
                "Ersetzen Sie sie durch eine Ziffer von 1 bis 9: die Anzahl der FI-Dateien des Satzes.")
        case .partsZero:
            Text(
                "Die Anzahl der Teile im Namen ist null.",
                "Geben Sie die wirkliche Anzahl der FI-Dateien an, mindestens 1.")
        case .environmentUnknown:
            Text(
                "Die Umgebung im Namen ist nicht R, T oder S.",
                "Schreiben Sie R für echte Meldungen, T für den Test des Ablaufs oder S für die Simulation.")
        case .dateTooOld:
            Text(
                "Das Datum im Namen liegt zu weit zurück.",
                "Benennen Sie den Satz mit einem neueren Erstellungsdatum um und senden Sie ihn erneut.")
        case .sequenceZero:
            Text(
                "Die Folgenummer im Namen ist 00000.",
                """
                Beginnen Sie bei 00001; jeder Satz eines Tages und einer Umgebung braucht eine eigene \
                Nummer.
                """)
        case .partsAboveMaximum:
            Text(
                "Der Name kündigt mehr Teile an, als ein Satz haben darf.",
                "Verteilen Sie die Meldungen auf mehrere Sätze, jeden mit eigener Folgenummer.")
        case .wrongPrefix:
            Text(
                "Der Name einer Datei beginnt mit einem Präfix, das nicht angenommen wird.",
                "Senden Sie nur Dateien, deren Name mit FI, FS, GO oder TD in Großbuchstaben beginnt.")
        case .malformedDeclarationName:
            Text(
                "Der Name einer FI-Datei folgt nicht der Namenskonvention.",
                """
                Nennen Sie sie FI.Zweck.Absender.Datum.Folge.Umgebung.Teile.Teil, zum Beispiel \
                FI.DMFA.006400.20230420.00001.R.1.1.
                """)
        case .malformedSignatureName:
            Text(
                "Der Name einer FS-Datei folgt nicht der Namenskonvention.",
                "Geben Sie jeder FS-Datei den Namen der FI-Datei, die sie unterschreibt, mit FS statt FI.")
        case .environmentMissing:
            Text(
                "Der Name enthält keine Umgebung.",
                "Fügen Sie R, T oder S als sechstes Element nach der Folgenummer ein.")
        case .sequenceCharacters:
            Text(
                "Die Folgenummer im Namen enthält ein anderes Zeichen als 0 bis 9 und A bis Z.",
                "Verwenden Sie in der Folgenummer nur Ziffern und Großbuchstaben ohne Umlaute und Akzente.")
        case .realOutsideIN:
            Text(
                "Ein Satz der Umgebung R wurde in ein anderes Verzeichnis als IN gelegt.",
                "Legen Sie echte Meldungen in IN ab oder berichtigen Sie die Umgebung in den Namen.")
        case .testOutsideINTEST:
            Text(
                "Ein Satz der Umgebung T wurde in ein anderes Verzeichnis als INTEST gelegt.",
                "Legen Sie Tests des Ablaufs in INTEST ab oder berichtigen Sie die Umgebung in den Namen.")
        case .simulationOutsideINTESTS:
            Text(
                "Ein Satz der Umgebung S wurde in ein anderes Verzeichnis als INTEST-S gelegt.",
                "Legen Sie Simulationen in INTEST-S ab oder berichtigen Sie die Umgebung in den Namen.")
        case .declarationCount:
            Text(
                "Die Anzahl der FI-Dateien ist nicht die im Namen angekündigte Anzahl der Teile.",
                """
                Senden Sie alle FI-Dateien vor der GO-Datei und kündigen Sie genau so viele Teile an, wie \
                es FI-Dateien gibt.
                """)
        case .signatureNotAllowed:
            Text(
                "Der Satz enthält eine Unterschrift, die hier nicht mitgegeben werden darf.",
                "Senden Sie den Satz ohne FS-Dateien.")
        case .signatureCount:
            Text(
                "Die Anzahl der FS-Dateien ist nicht die erforderliche.",
                """
                Unterschreiben Sie jede FI-Datei einzeln und senden Sie vor der GO-Datei eine FS-Datei je \
                FI-Datei.
                """)
        case .declarationNumbering:
            Text(
                """
                Die Nummerierung der FI-Dateien hat eine Lücke oder Dopplung, oder die Namen kündigen \
                verschieden viele Teile an.
                """,
                """
                Nummerieren Sie die FI-Dateien ab 1 ohne Lücke und nennen Sie in jedem Namen dieselbe \
                Anzahl Teile.
                """)
        case .signatureNumbering:
            Text(
                "Die FS-Dateien sind anders nummeriert als die FI-Dateien, zu denen sie gehören.",
                """
                Geben Sie jeder FS-Datei die Anzahl der Teile und die Nummer des Teils der FI-Datei, die \
                sie unterschreibt.
                """)
        case .triggerMissing:
            Text(
                "Es kamen Dateien an, aber innerhalb der erlaubten Zeit keine GO-Datei.",
                "Senden Sie den ganzen Satz unter einer neuen Folgenummer erneut, die GO-Datei zuletzt.")
        case .nameAlreadyUsed:
            Text(
                "Ein Satz gleichen Namens mit anderem Inhalt wurde bereits angenommen.",
                """
                Geben Sie dem neuen Satz eine andere Folgenummer; für die erste Quittung senden Sie genau \
                dieselben Dateien.
                """)
        case .noData:
            Text(
                "Eine FI-Datei ist leer.",
                """
                Prüfen Sie, wie die Datei erstellt und übertragen wurde, und senden Sie den Satz mit \
                Inhalt erneut.
                """)
        case .noDeclaration:
            Text(
                "Der Satz enthält keine FI-Datei.",
                "Senden Sie mindestens eine FI-Datei mit ihrer FS-Datei vor der GO-Datei desselben Namens.")
        case .fileTooLarge:
            Text(
                "Eine FI-Datei ist größer, als ihr Zweck es erlaubt.",
                "Verteilen Sie die Meldung auf mehrere Dateien oder Sätze und senden Sie sie erneut.")
        case .setTooLarge:
            Text(
                "Die Dateien des Satzes sind zusammen größer als erlaubt.",
                "Verteilen Sie die Meldungen auf mehrere Sätze, jeden unterhalb der Grenze.")
        case .senderNotAuthorised:
            Text(
                "Der Absender ist nicht registriert oder gesperrt.",
                "Bitten Sie Ihren Zugangsverwalter, die Registrierung Ihres Absenders zu prüfen.")
        case .purposeNotOfSender:
            Text(
                "Ein Absender kann keine Dateien dieses Zwecks senden.",
                """
                Vergleichen Sie die vier Buchstaben des Zwecks im Namen mit den Anwendungen Ihres \
                Absenders.
                """)
        case .accessModeNotAuthorised:
            Text(
                "Kein Kanal des Absenders ist für die Anwendung dieser Datei zugelassen.",
                "Bitten Sie Ihren Zugangsverwalter, die Anwendung einem Ihrer Kanäle hinzuzufügen.")
        case .channelDiffers:
            Text(
                "Die Anwendung dieser Datei ist für einen anderen Kanal als den benutzten zugelassen.",
                "Senden Sie über den zugelassenen Kanal oder lassen Sie die Anwendung diesem hinzufügen.")
        case .signatureInvalid:
            Text(
                "Die Unterschrift einer FI-Datei ist nicht gültig.",
                """
                Unterschreiben Sie die FI-Datei Byte für Byte so, wie sie gesendet wird, mit einem \
                gültigen Zertifikat und senden Sie den Satz erneut.
                """)
        case .certificateNotOfSender:
            Text(
                "Das Zertifikat der Unterschrift ist für diesen Absender auf diesem Kanal nicht registriert.",
                """
                Unterschreiben Sie mit dem registrierten Zertifikat oder lassen Sie dieses für den Kanal \
                registrieren.
                """)
        case .rootUnknown:
            Text(
                "Das Wurzelelement des Dokuments ist für diesen Zweck nicht bekannt.",
                """
                Verwenden Sie das Wurzelelement, das zum Zweck im Dateinamen gehört, zum Beispiel \
                DmfAOriginal für DMFA.
                """)
        case .schemaUnknown:
            Text(
                "Das vom Dokument genannte Schema ist hier nicht bekannt.",
                """
                Nennen Sie das Schema Ihres Formulars in einer Version, die hier verwendet wird: \
                Dimona_20231.xsd für die Wurzel Dimona, DmfAOriginal_20231.xsd für die Wurzel DmfAOriginal.
                """)
        case .notWellFormed:
            Text(
                "Das Dokument ist kein wohlgeformtes XML.",
                "Berichtigen Sie das XML an der angegebenen Stelle; jeder XML-Parser zeigt den Fehler.")
        case .formDiffersFromSchema:
            Text(
                "Das genannte Schema ist nicht das des Wurzelelements des Dokuments.",
                """
                Nennen Sie das Schema, das mit dem Namen des Wurzelelements beginnt, oder berichtigen Sie \
                das Wurzelelement.
                """)
        case .schemaNotNamed:
            Text(
                "Das Dokument nennt kein Schema.",
                "Fügen Sie dem Wurzelelement xsi:noNamespaceSchemaLocation mit dem Namen des Schemas hinzu.")
        case .schemaStandardUnsupported:
            Text(
                "Das Dokument nennt sein Schema nach einem Standard, der nicht unterstützt wird.",
                """
                Nennen Sie ein XML Schema (.xsd) mit xsi:noNamespaceSchemaLocation; DTD und andere werden \
                nicht angenommen.
                """)
        case .encodingUnsupported:
            Text(
                "Das Dokument gibt eine Zeichenkodierung an, die nicht unterstützt wird.",
                "Schreiben Sie das Dokument in UTF-8 und geben Sie das in der ersten Zeile an.")
        case .namespaceWrong:
            Text(
                "Das Wurzelelement des Dokuments steht in einem Namensraum.",
                "Nehmen Sie dem Wurzelelement den Standardnamensraum (xmlns) und jedes Präfix.")
        case .noForm:
            Text(
                "Das Dokument enthält keine Meldung.",
                "Setzen Sie mindestens ein Element Form unter das Wurzelelement.")
        case .formDiffersFromName:
            Text(
                "Das Formular im Dokument gehört nicht zu dem Zweck, den der Dateiname angibt.",
                "Benennen Sie die Datei nach ihrem Formular oder setzen Sie das richtige Formular hinein.")
        case .tooManyForms:
            Text(
                "Das Dokument enthält mehr Meldungen, als eine Datei enthalten darf.",
                "Verteilen Sie die Meldungen auf mehrere Dateien oder Sätze.")
        case .notAForm:
            Text(
                "Das Dokument enthält unter seinem Wurzelelement etwas anderes als Form.",
                "Lassen Sie direkt unter dem Wurzelelement nur Elemente Form stehen.")
        case .moreThanOneForm:
            Text(
                "Das Dokument enthält mehr als ein Formular, obwohl nur eines erlaubt ist.",
                "Senden Sie jedes Formular in einer eigenen Datei.")
        case .invalidAgainstSchema:
            Text(
                "Das Dokument entspricht seinem Schema nicht.",
                """
                Berichtigen Sie das Dokument an der angegebenen Stelle und prüfen Sie es vor dem erneuten \
                Senden gegen das Schema.
                """)
        }
    }
}
