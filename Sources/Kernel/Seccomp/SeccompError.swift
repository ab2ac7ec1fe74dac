/// Why an isolator can't become a filter.
package enum SeccompError: Error, Equatable, CustomStringConvertible {
    case unknownSet(String)
    case unknownErrorName(String)

    package var description: String {
        switch self {
        case .unknownSet(let name):
            "unknown seccomp set \"\(name)\" (known are \(NamedSet.allNames))"
        case .unknownErrorName(let name):
            "unknown error name \"\(name)\" in a seccomp isolator (give one of errno(3), "
                + "for example EPERM)"
        }
    }
}
