extension ReceptionCode {
    /// What is wrong and what mends it, in French.
    var french: Text {
        switch self {
        case .malformedTriggerName:
            Text(
                "Le nom du fichier GO ou TD ne suit pas la convention de nommage.",
                "Reprenez le nom des fichiers FI, avec GO ou TD au lieu de FI et sans le numéro de partie.")
        case .senderDiffersFromDirectory:
            Text(
                """
                Le numéro d'expéditeur dans le nom n'est pas celui du répertoire où le fichier a été \
                déposé.
                """,
                """
                Mettez votre propre numéro d'expéditeur en troisième élément du nom, ou envoyez depuis le \
                bon compte.
                """)
        case .dateLength:
            Text(
                "La date dans le nom ne compte pas huit caractères.",
                "Écrivez la date de création sous la forme aaaammjj, par exemple 20230420.")
        case .dateInvalid:
            Text(
                "La date dans le nom n'est pas un jour du calendrier.",
                "Indiquez un jour qui existe, sous la forme aaaammjj, et renvoyez l'ensemble.")
        case .dateInFuture:
            Text(
                "La date dans le nom est postérieure à aujourd'hui.",
                "Indiquez le jour de création des fichiers et vérifiez l'horloge de votre système.")
        case .sequenceLength:
            Text(
                "Le numéro de séquence dans le nom ne compte pas cinq caractères.",
                """
                Écrivez le numéro de séquence sur cinq caractères, complété de zéros à gauche, par exemple \
                00001.
                """)
        case .partsLength:
            Text(
                "Le nombre de parties dans le nom ne compte pas un seul caractère.",
                "Écrivez le nombre de parties en un seul chiffre, de 1 à 9.")
        case .partsNotNumeric:
            Text(
                "Le nombre de parties dans le nom n'est pas un chiffre.",
                "Remplacez-le par un chiffre de 1 à 9 : le nombre de fichiers FI de l'ensemble.")
        case .partsZero:
            Text(
                "Le nombre de parties dans le nom est zéro.",
                "Indiquez le nombre réel de fichiers FI, au moins 1.")
        case .environmentUnknown:
            Text(
                "L'environnement dans le nom n'est ni R, ni T, ni S.",
                "Écrivez R pour les déclarations réelles, T pour le test du circuit ou S pour la simulation.")
        case .dateTooOld:
            Text(
                "La date dans le nom est trop ancienne.",
                "Renommez l'ensemble avec une date de création récente et renvoyez-le.")
        case .sequenceZero:
            Text(
                "Le numéro de séquence dans le nom est 00000.",
                "Commencez à 00001 ; chaque ensemble d'un même jour et environnement a son propre numéro.")
        case .partsAboveMaximum:
            Text(
                "Le nom annonce plus de parties qu'un ensemble ne peut en compter.",
                """
                Répartissez les déclarations sur plusieurs ensembles, chacun avec son propre numéro de \
                séquence.
                """)
        case .wrongPrefix:
            Text(
                "Le nom d'un fichier commence par un préfixe qui n'est pas admis.",
                "N'envoyez que des fichiers dont le nom commence par FI, FS, GO ou TD, en majuscules.")
        case .malformedDeclarationName:
            Text(
                "Le nom d'un fichier FI ne suit pas la convention de nommage.",
                """
                Nommez-le FI.objet.expéditeur.date.séquence.environnement.parties.partie, par exemple \
                FI.DMFA.006400.20230420.00001.R.1.1.
                """)
        case .malformedSignatureName:
            Text(
                "Le nom d'un fichier FS ne suit pas la convention de nommage.",
                "Donnez à chaque fichier FS le nom du fichier FI qu'il signe, avec FS au lieu de FI.")
        case .environmentMissing:
            Text(
                "Le nom ne contient pas d'environnement.",
                "Ajoutez R, T ou S comme sixième élément, après le numéro de séquence.")
        case .sequenceCharacters:
            Text(
                "Le numéro de séquence dans le nom contient un caractère autre que 0 à 9 et A à Z.",
                "N'utilisez que des chiffres et des majuscules sans accent dans le numéro de séquence.")
        case .realOutsideIN:
            Text(
                "Un ensemble d'environnement R a été déposé ailleurs que dans IN.",
                "Déposez les déclarations réelles dans IN, ou corrigez l'environnement dans les noms.")
        case .testOutsideINTEST:
            Text(
                "Un ensemble d'environnement T a été déposé ailleurs que dans INTEST.",
                "Déposez les tests du circuit dans INTEST, ou corrigez l'environnement dans les noms.")
        case .simulationOutsideINTESTS:
            Text(
                "Un ensemble d'environnement S a été déposé ailleurs que dans INTEST-S.",
                "Déposez les simulations dans INTEST-S, ou corrigez l'environnement dans les noms.")
        case .declarationCount:
            Text(
                "Le nombre de fichiers FI n'est pas le nombre de parties annoncé par le nom.",
                """
                Envoyez tous les fichiers FI avant le GO et annoncez exactement autant de parties que de \
                fichiers FI.
                """)
        case .signatureNotAllowed:
            Text(
                "L'ensemble contient une signature, alors qu'il ne peut pas en contenir ici.",
                "Envoyez l'ensemble sans fichiers FS.")
        case .signatureCount:
            Text(
                "Le nombre de fichiers FS n'est pas le nombre requis.",
                "Signez chaque fichier FI séparément et envoyez un fichier FS par fichier FI, avant le GO.")
        case .declarationNumbering:
            Text(
                """
                La numérotation des fichiers FI a un trou ou un doublon, ou les noms annoncent des nombres \
                de parties différents.
                """,
                """
                Numérotez les fichiers FI à partir de 1 sans trou et écrivez le même nombre de parties \
                dans chaque nom.
                """)
        case .signatureNumbering:
            Text(
                "Les fichiers FS ne sont pas numérotés comme les fichiers FI auxquels ils correspondent.",
                """
                Donnez à chaque fichier FS le nombre de parties et le numéro de partie du fichier FI qu'il \
                signe.
                """)
        case .triggerMissing:
            Text(
                "Des fichiers sont arrivés, mais aucun fichier GO dans le délai prévu.",
                "Renvoyez tout l'ensemble sous un nouveau numéro de séquence, le fichier GO en dernier.")
        case .nameAlreadyUsed:
            Text(
                "Un ensemble de même nom mais d'un autre contenu a déjà été accepté.",
                """
                Donnez au nouvel ensemble un autre numéro de séquence ; pour revoir le premier accusé, \
                renvoyez les mêmes fichiers.
                """)
        case .noData:
            Text(
                "Un fichier FI est vide.",
                """
                Vérifiez comment le fichier a été créé et transféré, puis renvoyez l'ensemble avec son \
                contenu.
                """)
        case .noDeclaration:
            Text(
                "L'ensemble ne contient aucun fichier FI.",
                "Envoyez au moins un fichier FI et son fichier FS avant le fichier GO de même nom.")
        case .fileTooLarge:
            Text(
                "Un fichier FI est plus grand que ce que son objet permet.",
                "Répartissez la déclaration sur plusieurs fichiers ou ensembles et renvoyez-les.")
        case .setTooLarge:
            Text(
                "Les fichiers de l'ensemble dépassent au total la taille permise.",
                "Répartissez les déclarations sur plusieurs ensembles, chacun sous la limite.")
        case .senderNotAuthorised:
            Text(
                "L'expéditeur n'est pas enregistré ou est bloqué.",
                "Demandez à votre gestionnaire d'accès de vérifier l'enregistrement de votre expéditeur.")
        case .purposeNotOfSender:
            Text(
                "Un expéditeur ne peut pas envoyer de fichiers de cet objet.",
                "Comparez les quatre lettres de l'objet dans le nom aux applications de votre expéditeur.")
        case .accessModeNotAuthorised:
            Text(
                "Aucun canal de l'expéditeur n'est autorisé pour l'application de ce fichier.",
                "Demandez à votre gestionnaire d'accès d'ajouter l'application à l'un de vos canaux.")
        case .channelDiffers:
            Text(
                "L'application de ce fichier est autorisée sur un autre canal que celui utilisé.",
                "Envoyez par le canal autorisé, ou faites ajouter l'application à celui-ci.")
        case .signatureInvalid:
            Text(
                "La signature d'un fichier FI n'est pas valable.",
                """
                Signez le fichier FI tel qu'il est envoyé, octet par octet, avec un certificat valide, \
                puis renvoyez l'ensemble.
                """)
        case .certificateNotOfSender:
            Text(
                "Le certificat de la signature n'est pas enregistré pour cet expéditeur sur ce canal.",
                "Signez avec le certificat enregistré, ou faites enregistrer ce certificat pour le canal.")
        case .rootUnknown:
            Text(
                "L'élément racine du document n'est pas connu pour cet objet.",
                """
                Utilisez l'élément racine propre à l'objet du nom de fichier, par exemple DmfAOriginal \
                pour DMFA.
                """)
        case .schemaUnknown:
            Text(
                "Le schéma indiqué par le document n'est pas connu ici.",
                """
                Indiquez le schéma de votre formulaire dans une version utilisée ici : Dimona_20231.xsd pour \
                la racine Dimona, DmfAOriginal_20231.xsd pour la racine DmfAOriginal.
                """)
        case .notWellFormed:
            Text(
                "Le document n'est pas du XML bien formé.",
                "Corrigez le XML à l'endroit indiqué ; tout analyseur XML montre l'erreur.")
        case .formDiffersFromSchema:
            Text(
                "Le schéma indiqué n'est pas celui de l'élément racine du document.",
                "Indiquez le schéma qui commence par le nom de l'élément racine, ou corrigez cet élément.")
        case .schemaNotNamed:
            Text(
                "Le document n'indique aucun schéma.",
                "Ajoutez à l'élément racine xsi:noNamespaceSchemaLocation avec le nom du schéma.")
        case .schemaStandardUnsupported:
            Text(
                "Le document indique son schéma selon un standard non pris en charge.",
                """
                Indiquez un XML Schema (.xsd) par xsi:noNamespaceSchemaLocation ; les DTD et autres ne \
                sont pas admis.
                """)
        case .encodingUnsupported:
            Text(
                "Le document déclare un encodage de caractères non pris en charge.",
                "Écrivez le document en UTF-8 et déclarez-le ainsi à la première ligne.")
        case .namespaceWrong:
            Text(
                "L'élément racine du document est dans un espace de noms.",
                "Retirez de l'élément racine l'espace de noms par défaut (xmlns) et tout préfixe.")
        case .noForm:
            Text(
                "Le document ne contient aucune déclaration.",
                "Placez au moins un élément Form sous l'élément racine.")
        case .formDiffersFromName:
            Text(
                "Le formulaire du document ne correspond pas à l'objet donné par le nom du fichier.",
                "Nommez le fichier d'après le formulaire qu'il contient, ou placez-y le bon formulaire.")
        case .tooManyForms:
            Text(
                "Le document contient plus de déclarations qu'un fichier ne peut en contenir.",
                "Répartissez les déclarations sur plusieurs fichiers ou ensembles.")
        case .notAForm:
            Text(
                "Le document contient autre chose qu'un Form sous son élément racine.",
                "Ne laissez que des éléments Form directement sous l'élément racine.")
        case .moreThanOneForm:
            Text(
                "Le document contient plus d'un formulaire alors qu'un seul est permis.",
                "Envoyez chaque formulaire dans son propre fichier.")
        case .invalidAgainstSchema:
            Text(
                "Le document n'est pas conforme à son schéma.",
                """
                Corrigez le document à l'endroit indiqué et vérifiez-le avec le schéma avant de le \
                renvoyer.
                """)
        }
    }
}
