internal import Crypto
internal import Foundation
internal import HTTPTypes

/// The description as a page that needs nothing but itself: no script, no other resource, one style.
struct DescriptionPage {
    let routes: [WebRoute]

    init(_ routes: [WebRoute]) {
        self.routes = routes
    }

    private static let style = """
        body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
        code,pre{font-family:monospace;background:#f3f3f3;padding:.1rem .3rem}pre{overflow:auto;padding:.6rem}
        section{border-top:1px solid #bbb;margin-top:1.5rem}table{border-collapse:collapse}
        td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}
        """

    /// Content-Security-Policy: nothing but the page's own style.
    static let policy: String = {
        let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }()

    var html: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Écluse, web service</title>\
        <meta name="viewport" content="width=device-width"><style>\(DescriptionPage.style)</style></head><body>
        <h1>Écluse, web service</h1>
        \(paragraphs(OpenAPIDocument.introduction))
        <p>The same for programs: <a href="/v1/openapi.json">openapi.json</a>.</p>
        \(routes.map(section).joined(separator: "\n"))
        <section><h2 id="problems">Problems</h2>
        \(problems.map(entry).joined(separator: "\n"))
        </section>
        </body></html>
        """
    }

    /// Every kind of problem that any route may answer with, and those of requests that reach none.
    private var problems: [ProblemKind] {
        var kinds: [ProblemKind] = []
        for kind in routes.flatMap(\.problems) + [.notFound, .methodNotAllowed] where !kinds.contains(kind) {
            kinds.append(kind)
        }
        return kinds.sorted { ($0.status.code, $0.word) < ($1.status.code, $1.word) }
    }

    private func entry(_ kind: ProblemKind) -> String {
        """
        <h3 id="problem-\(escaped(kind.word))"><code>\(escaped(kind.word))</code>, \(kind.status.code)</h3>
        <p>\(escaped(kind.title)). \(escaped(kind.mend))</p>
        """
    }

    private func section(_ route: WebRoute) -> String {
        let operation = route.operation
        let parameters = operation.parameters.map { parameter in
            row("\(parameter.name) (\(parameter.place.rawValue))", parameter.details)
        }
        let answers = operation.answers.map { row(String($0.status.code), $0.details) }
        let kinds = route.problems.map { kind in
            "<a href=\"#problem-\(escaped(kind.word))\">\(escaped(kind.word))</a>"
        }
        let body = operation.body.map { body in
            "<h3>Body</h3><p><code>\(escaped(body.mediaType))</code></p><pre>\(escaped(body.schema.indentedText()))</pre>"
        }
        return """
            <section id="\(escaped(operation.name))">
            <h2><code>\(escaped(route.method.rawValue)) \(escaped(route.path))</code></h2>
            <p><strong>\(escaped(operation.summary)).</strong> \(admission(of: route))</p>
            \(paragraphs(operation.details))
            \(table(parameters, titled: "Parameters"))\(body ?? "")\(table(answers, titled: "Answers"))
            <p>Problems: \(kinds.joined(separator: ", ")).</p>
            </section>
            """
    }

    private func admission(of route: WebRoute) -> String {
        switch route.admission {
        case .anyone: "For anyone."
        case .callers(let right): "For callers with the right to \(escaped(right.rawValue))."
        }
    }

    private func table(_ rows: [String], titled title: String) -> String {
        rows.isEmpty ? "" : "<h3>\(escaped(title))</h3><table>\(rows.joined())</table>"
    }

    private func row(_ name: String, _ meaning: String) -> String {
        "<tr><th><code>\(escaped(name))</code></th><td>\(escaped(meaning))</td></tr>"
    }

    private func paragraphs(_ text: String) -> String {
        text.split(separator: "\n\n").map { "<p>\(escaped(String($0)))</p>" }.joined(separator: "\n")
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
