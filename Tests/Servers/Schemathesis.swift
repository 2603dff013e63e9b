internal import Foundation

/// What schemathesis is told of the web service: it looks for requests that the description does not foretell the
/// answer of.
public enum Schemathesis {
    /// The program: named by `SCHEMATHESIS`, or on PATH.
    public static let program: String? = {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["SCHEMATHESIS"] { return named }
        let found = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/schemathesis" }
        return found.first { access($0, X_OK) == 0 }
    }()

    public static var isRequired: Bool {
        ProcessInfo.processInfo.environment["ECLUSE_REQUIRE_CLIENTS"] != nil
    }

    /// `schemathesis.toml`, for a run in the folder where `hooks.py` lies.
    public static let configuration = """
        hooks = "hooks.py"
        # A wait for the longest there is ends before.
        request-timeout = 90
        # Which names, digests and metadata are good, no schema can say: those are refused with a code.
        checks.positive_data_acceptance.enabled = false
        # Another version of tus, too large a body and no length have statuses of their own.
        checks.missing_required_header.expected-statuses = [400, 401, 403, 411, 412, 415, 422]
        checks.negative_data_rejection.expected-statuses = [
            400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 422, 428, 429, 431,
        ]

        # What is spoken of tus is told to anybody, whatever the path names.
        [[operations]]
        include-method = "OPTIONS"
        checks.use_after_free.enabled = false
        checks.negative_data_rejection.enabled = false
        """

    /// `hooks.py`.
    public static let hooks = """
        import schemathesis

        schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
        """
}
