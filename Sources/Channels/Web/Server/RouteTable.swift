internal import HTTPTypes
internal import Hummingbird

/// All routes of the service, mounted and described from here.
struct RouteTable: Sendable {
    let routes: [WebRoute]

    /// Why a request that no route takes is refused: there is nothing, or not by this method.
    func problem(forUnknown request: Request) -> Problem {
        let matching = routes.filter { RouteTable.matches($0.path, request.uri.path) }
        guard let fewest = matching.map(\.captures).min() else {
            return .notFound("There is no such resource.")
        }
        // A path that is written out is meant before one that captures.
        var methods = Set(matching.filter { $0.captures == fewest }.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        var problem = Problem(.methodNotAllowed, "The resource takes other methods.")
        problem.headers[.allow] = methods.sorted().joined(separator: ", ")
        return problem
    }

    private static func matches(_ template: String, _ path: String) -> Bool {
        let expected = template.split(separator: "/")
        let given = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return expected.count == given.count
            && zip(expected, given).allSatisfy { $0.hasPrefix("{") && !$1.isEmpty || $0 == $1 }
    }
}

extension WebRoute {
    /// Segments of the path that stand for anything.
    fileprivate var captures: Int { path.split(separator: "/").count { $0.hasPrefix("{") } }
}
