package import AppContainer

/// The variables of an app's process.
package enum AppEnvironment {
    /// What every app finds when nobody sets it.
    private static let defaults = [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("SHELL", "/bin/sh"), ("USER", "root"), ("LOGNAME", "root"), ("HOME", "/root"),
        ("container", "rkt"),
    ]

    /// Layers of variables put together: a later layer wins, and a name keeps its first place.
    package static func merged(_ layers: [[EnvironmentVariable]]) -> [EnvironmentVariable] {
        var result: [EnvironmentVariable] = []
        for variable in layers.joined() {
            if let index = result.firstIndex(where: { $0.name == variable.name }) {
                result[index] = variable
            } else {
                result.append(variable)
            }
        }
        return result
    }

    /// The entries of the process: the app's variables, its name, and the defaults for what is missing.
    ///
    /// `TERM` is for an app on a terminal; an image that sets it knows better.
    static func entries(of app: RuntimeApp, terminal: String?) -> [String] {
        let own = app.app?.environment ?? []
        var entries = own.filter { $0.name != "AC_APP_NAME" }.map { "\($0.name)=\($0.value)" }
        let optional = defaults + (terminal.map { [("TERM", $0)] } ?? [])
        for (name, value) in optional where !own.contains(where: { $0.name == name }) {
            entries.append("\(name)=\(value)")
        }
        entries.append("AC_APP_NAME=\(app.name)")
        return entries
    }

    /// The variables of a `--set-env-file`: lines `NAME=value`; blank ones and those after `#` or `;` don't count.
    package static func parse(
        file: [UInt8],
        path: String
    ) throws(Stage0Error) -> [EnvironmentVariable] {
        var result: [EnvironmentVariable] = []
        for (index, bytes) in file.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let line = String(validating: bytes, as: UTF8.self) else {
                throw .configuration(path, reason: "line \(index + 1) is not UTF-8")
            }
            let text = line.drop { $0 == " " || $0 == "\t" }
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
            guard let variable = EnvironmentVariable(assignment: String(text)) else {
                throw .configuration(path, reason: "line \(index + 1) is not NAME=value")
            }
            guard !result.contains(where: { $0.name == variable.name }) else {
                throw .configuration(path, reason: "\"\(variable.name)\" is set twice")
            }
            result.append(variable)
        }
        return result
    }
}
