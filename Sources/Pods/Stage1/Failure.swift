internal import CFreestanding

/// What could not be done, to what, and why.
@safe struct Failure: Error {
    let step: Text
    let subject: Text
    /// The kernel's number.
    let error: Int32

    static let notFound: Int32 = 2
    static let exists: Int32 = 17
    static let invalid: Int32 = 22
    static let readOnly: Int32 = 30
    static let loop: Int32 = 40
    static let noSystemCall: Int32 = 38

    /// The exit code of a process that ends with this: systemd's 203 (`EXIT_EXEC`) if all that fails is to execute its program.
    var exitCode: Int32 { step == Failure.notExecuted ? 203 : 254 }
    static let notExecuted: Text = "Unable to open"

    /// One line: `cannot mount "proc": Operation not permitted`.
    var text: Text {
        if error == 0 {
            return subject.isEmpty ? step : Text(joining: step, " \"", subject, "\"")
        }
        return subject.isEmpty
            ? Text(joining: step, ": ", Failure.text(of: error))
            : Text(joining: step, " \"", subject, "\": ", Failure.text(of: error))
    }

    /// The kernel's words for its commonest errors; there is no C library here to ask.
    static func text(of error: Int32) -> Text {
        switch error {
        case 1: "Operation not permitted"
        case 2: "No such file or directory"
        case 3: "No such process"
        case 5: "Input/output error"
        case 7: "Argument list too long"
        case 8: "Exec format error"
        case 11: "Resource temporarily unavailable"
        case 12: "Cannot allocate memory"
        case 13: "Permission denied"
        case 16: "Device or resource busy"
        case 17: "File exists"
        case 18: "Invalid cross-device link"
        case 19: "No such device"
        case 20: "Not a directory"
        case 21: "Is a directory"
        case 22: "Invalid argument"
        case 24: "Too many open files"
        case 26: "Text file busy"
        case 28: "No space left on device"
        case 30: "Read-only file system"
        case 36: "File name too long"
        case 38: "Function not implemented"
        case 40: "Too many levels of symbolic links"
        case 71: "Protocol error"
        case 75: "Value too large for defined data type"
        case 95: "Operation not supported"
        case 122: "Disk quota exceeded"
        default: Text(joining: "error ", Text(Int(error)))
        }
    }
}

/// Turns the kernel's convention into a value or a failure that names the step.
@discardableResult
func check(_ result: Int, _ step: Text, _ subject: Text = "") throws(Failure) -> Int32 {
    guard result >= 0 else {
        throw Failure(step: step, subject: subject, error: Int32(truncatingIfNeeded: -result))
    }
    return Int32(truncatingIfNeeded: result)
}
