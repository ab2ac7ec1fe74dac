/// The name of a file as bytes, which needn't be UTF-8: a single component, never `.` or `..`.
package struct RawName: Sendable, Equatable {
    let characters: [CChar]

    /// A name, `nil` if the bytes can't be one component.
    package init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(0x2F),
            !bytes.elementsEqual([0x2E]), !bytes.elementsEqual([0x2E, 0x2E])
        else { return nil }
        characters = terminated(bytes)
    }

    /// The bytes of the name.
    package var bytes: [UInt8] { characters.dropLast().map { UInt8(bitPattern: $0) } }
}

/// A relative or absolute path as bytes, which needn't be UTF-8.
package struct RawPath: Sendable, Equatable {
    let characters: [CChar]

    /// A path, `nil` if it is empty or has a NUL in it.
    package init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, !bytes.contains(0) else { return nil }
        characters = terminated(bytes)
    }
}

private func terminated(_ bytes: some Collection<UInt8>) -> [CChar] {
    var characters: [CChar] = []
    characters.reserveCapacity(bytes.count + 1)
    for byte in bytes { characters.append(CChar(bitPattern: byte)) }
    characters.append(0)
    return characters
}
