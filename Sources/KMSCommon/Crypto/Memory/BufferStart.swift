/// Some C functions refuse a null pointer even with a length of zero; an empty Swift buffer may have one.
extension UnsafeRawBufferPointer {
  /// The first byte; of an empty buffer an address that is never read.
  package var start: UnsafeRawPointer { unsafe baseAddress ?? UnsafeRawPointer(nothing.utf8Start) }
}

extension UnsafeMutableRawBufferPointer {
  /// The first byte; of an empty buffer an address that is never written.
  package var start: UnsafeMutableRawPointer {
    unsafe baseAddress ?? UnsafeMutableRawPointer(mutating: nothing.utf8Start)
  }
}

private let nothing: StaticString = ""
