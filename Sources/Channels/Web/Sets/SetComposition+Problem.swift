internal import Exchange

extension SetComposition.Refusal {
    var problem: Problem {
        switch self {
        case .name(let name, let codes):
            .unprocessable(
                "The name \(name.escaped) does not follow the convention.",
                codes.map { Problem.Mention($0, file: name) })
        case .otherSet(let name): .unprocessable("The file \(name.escaped) belongs to another set.", [])
        case .twice(let name): .unprocessable("The file \(name.escaped) comes twice.", [])
        case .nothing:
            .unprocessable("There is neither an FI nor an FS file.", [Problem.Mention(.noDeclaration)])
        }
    }
}
