/// One run of the machine, from its start to its stop (`proc_sys_kernel(5)`, boot_id).
package struct BootID: Sendable, Equatable {
    /// As the kernel writes it: hexadecimal digits and dashes.
    package let text: String

    /// The run that this process is part of; nil where the kernel doesn't tell.
    package static var current: BootID? {
        let bytes = (try? readHostFile("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
        let text = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
        return text.isEmpty ? nil : BootID(text: text)
    }
}
