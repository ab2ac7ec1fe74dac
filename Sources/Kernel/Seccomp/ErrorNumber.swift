/// The kernel's error numbers by name, as the `errno` member of a seccomp isolator gives them.
///
/// The numbers are those of `asm-generic/errno.h`, which x86_64 and arm64 share.
package enum ErrorNumber {
    package static let notPermitted: UInt16 = 1
    package static let invalidArgument: UInt16 = 22
    package static let notImplemented: UInt16 = 38
    package static let addressFamilyNotSupported: UInt16 = 97

    /// The number of `EPERM`, `ENOSYS` and so on; nil for a name the kernel doesn't have.
    package static func named(_ name: String) -> UInt16? {
        if let alias = aliases.first(where: { $0.name == name }) { return named(alias.meaning) }
        var number: UInt16 = 0
        for word in names.description.split(whereSeparator: \.isWhitespace) {
            number += 1
            if word == name, word != "-" { return number }
        }
        return nil
    }

    private static let aliases = [
        (name: "EWOULDBLOCK", meaning: "EAGAIN"),
        (name: "EDEADLOCK", meaning: "EDEADLK"),
        (name: "ENOTSUP", meaning: "EOPNOTSUPP"),
    ]

    /// In order from 1; `-` where a number is not used.
    private static let names: StaticString = """
        EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES
        EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY
        ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK
        ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH
        ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME
        ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG
        EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ
        ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT
        EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE
        EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN
        ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
        EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE
        ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL
        EHWPOISON
        """
}
