extension ReceptionCode {
    /// What is wrong and what mends it, in British English.
    var english: Text {
        switch self {
        case .malformedTriggerName:
            Text(
                "The name of the GO or TD file does not follow the naming convention.",
                "Use the names of the FI files, with GO or TD instead of FI and without the part number.")
        case .senderDiffersFromDirectory:
            Text(
                "The sender number in the name is not that of the directory the file was put in.",
                """
                Put your own sender number in the third element of the name, or send the set from the \
                right account.
                """)
        case .dateLength:
            Text(
                "The date in the name does not have eight characters.",
                "Write the date of creation as yyyymmdd, for example 20230420.")
        case .dateInvalid:
            Text(
                "The date in the name is no day of the calendar.",
                "Use an existing day, written as yyyymmdd, and send the set again.")
        case .dateInFuture:
            Text(
                "The date in the name lies after today.",
                "Set the date to the day the files were made, and check the clock of your system.")
        case .sequenceLength:
            Text(
                "The sequence number in the name does not have five characters.",
                """
                Write the sequence number with five characters, filled with zeros on the left, for example \
                00001.
                """)
        case .partsLength:
            Text(
                "The number of parts in the name is not one character.",
                "Write the number of parts as one digit from 1 to 9.")
        case .partsNotNumeric:
            Text(
                "The number of parts in the name is not a digit.",
                "Replace it with a digit from 1 to 9: the number of FI files in the set.")
        case .partsZero:
            Text(
                "The number of parts in the name is zero.",
                "Give the real number of FI files, at least 1.")
        case .environmentUnknown:
            Text(
                "The environment in the name is not R, T or S.",
                "Write R for real declarations, T for the circuit test or S for simulation.")
        case .dateTooOld:
            Text(
                "The date in the name lies too far back.",
                "Name the set anew with a recent date of creation and send it again.")
        case .sequenceZero:
            Text(
                "The sequence number in the name is 00000.",
                "Begin at 00001; each set of one day and environment needs a number of its own.")
        case .partsAboveMaximum:
            Text(
                "The name announces more parts than a set may have.",
                "Divide the declarations over several sets, each with its own sequence number.")
        case .wrongPrefix:
            Text(
                "The name of a file begins with a prefix that is not taken.",
                "Send only files whose names begin with FI, FS, GO or TD, in capitals.")
        case .malformedDeclarationName:
            Text(
                "The name of an FI file does not follow the naming convention.",
                """
                Name it FI.purpose.sender.date.sequence.environment.parts.part, for example \
                FI.DMFA.006400.20230420.00001.R.1.1.
                """)
        case .malformedSignatureName:
            Text(
                "The name of an FS file does not follow the naming convention.",
                "Give each FS file the name of the FI file it signs, with FS instead of FI.")
        case .environmentMissing:
            Text(
                "The name has no environment.",
                "Add R, T or S as the sixth element, after the sequence number.")
        case .sequenceCharacters:
            Text(
                "The sequence number in the name holds a character other than 0 to 9 and A to Z.",
                "Use only digits and capital letters without accents in the sequence number.")
        case .realOutsideIN:
            Text(
                "A set of environment R was put in a directory other than IN.",
                "Put real declarations in IN, or correct the environment in the names.")
        case .testOutsideINTEST:
            Text(
                "A set of environment T was put in a directory other than INTEST.",
                "Put circuit tests in INTEST, or correct the environment in the names.")
        case .simulationOutsideINTESTS:
            Text(
                "A set of environment S was put in a directory other than INTEST-S.",
                "Put simulations in INTEST-S, or correct the environment in the names.")
        case .declarationCount:
            Text(
                "The number of FI files is not the number of parts announced by the name.",
                "Send every FI file before the GO, and announce exactly as many parts as there are FI files.")
        case .signatureNotAllowed:
            Text(
                "The set holds a signature, which must not be given here.",
                "Send the set without FS files.")
        case .signatureCount:
            Text(
                "The number of FS files is not the number required.",
                "Sign every FI file separately and send one FS file for each FI file, before the GO.")
        case .declarationNumbering:
            Text(
                "The FI files are numbered with a gap or a double, or announce different numbers of parts.",
                "Number the FI files from 1 without a gap, and write the same number of parts in every name.")
        case .signatureNumbering:
            Text(
                "The FS files are numbered otherwise than the FI files they belong to.",
                "Give every FS file the same parts and part number as the FI file it signs.")
        case .triggerMissing:
            Text(
                "Files came, but no GO file within the time allowed.",
                "Send the whole set again under a new sequence number, with the GO file last.")
        case .nameAlreadyUsed:
            Text(
                "A set of the same name but with other content was accepted before.",
                """
                Give the new set another sequence number; to have the first receipt again, send the very \
                same files.
                """)
        case .noData:
            Text(
                "An FI file is empty.",
                "Check how the file was made and carried, then send the set again with its content.")
        case .noDeclaration:
            Text(
                "The set holds no FI file.",
                "Send at least one FI file with its FS file before the GO file of the same name.")
        case .fileTooLarge:
            Text(
                "An FI file is larger than its purpose allows.",
                "Divide the declaration over several files or sets and send them again.")
        case .setTooLarge:
            Text(
                "The files of the set together are larger than a set may be.",
                "Divide the declarations over several sets, each below the limit.")
        case .senderNotAuthorised:
            Text(
                "The sender is not registered, or is blocked.",
                "Ask your access manager to check the registration of your sender.")
        case .purposeNotOfSender:
            Text(
                "Senders cannot send files of this purpose.",
                "Check the four letters of the purpose in the name against the applications of your sender.")
        case .accessModeNotAuthorised:
            Text(
                "None of the sender's channels is authorised for the application of this file.",
                "Ask your access manager to add the application to one of your channels.")
        case .channelDiffers:
            Text(
                "The application of this file is authorised on another channel than the one used.",
                "Send over the authorised channel, or have the application added to this one.")
        case .signatureInvalid:
            Text(
                "The signature of an FI file is not valid.",
                """
                Sign the FI file as it is sent, byte for byte, with a certificate that is in date, then \
                send the set again.
                """)
        case .certificateNotOfSender:
            Text(
                "The certificate of the signature is not registered for this sender on this channel.",
                "Sign with the registered certificate, or have this certificate registered for the channel.")
        case .rootUnknown:
            Text(
                "The root element of the document is not one known for this purpose.",
                """
                Use the root element that belongs to the purpose in the file name, for example \
                DmfAOriginal for DMFA.
                """)
        case .schemaUnknown:
            Text(
                "The schema named by the document is not known here.",
                """
                Name the schema of your form in a version in use here: Dimona_20231.xsd for the root Dimona, \
                DmfAOriginal_20231.xsd for the root DmfAOriginal.
                """)
        case .notWellFormed:
            Text(
                "The document is not well-formed XML.",
                "Correct the XML at the place given; any XML parser shows the fault.")
        case .formDiffersFromSchema:
            Text(
                "The schema named is not one of the document's root element.",
                "Name the schema that begins with the name of the root element, or correct the root element.")
        case .schemaNotNamed:
            Text(
                "The document names no schema.",
                "Add xsi:noNamespaceSchemaLocation with the name of the schema to the root element.")
        case .schemaStandardUnsupported:
            Text(
                "The document names its schema by a standard that is not supported.",
                """
                Name an XML Schema (.xsd) by xsi:noNamespaceSchemaLocation; DTD and other standards are \
                not taken.
                """)
        case .encodingUnsupported:
            Text(
                "The document declares a character encoding that is not supported.",
                "Write the document in UTF-8 and declare it so in its first line.")
        case .namespaceWrong:
            Text(
                "The root element of the document is in a namespace.",
                "Take the default namespace (xmlns) and any prefix off the root element.")
        case .noForm:
            Text(
                "The document holds no declaration.",
                "Put at least one Form element below the root element.")
        case .formDiffersFromName:
            Text(
                "The form in the document is not of the purpose that the file name gives.",
                "Name the file after the form it holds, or put the right form in it.")
        case .tooManyForms:
            Text(
                "The document holds more declarations than one file may hold.",
                "Divide the declarations over several files or sets.")
        case .notAForm:
            Text(
                "The document holds something other than a Form below its root element.",
                "Leave only Form elements directly below the root element.")
        case .moreThanOneForm:
            Text(
                "The document holds more than one form where only one is allowed.",
                "Send each form in a file of its own.")
        case .invalidAgainstSchema:
            Text(
                "The document does not conform to its schema.",
                """
                Correct the document at the place given, and check it against the schema before sending it \
                again.
                """)
        }
    }
}
