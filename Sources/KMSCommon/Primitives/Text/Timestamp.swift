/// Points in time as text: RFC 3339 in UTC. The clock is elsewhere.
public enum Timestamp {
  /// RFC 3339 in UTC of a Unix time in seconds, such as `2026-11-22T21:45:01Z`; years 0000 to 9999.
  public static func text(unixTime: Int64, milliseconds: Int? = nil) -> String {
    let limited = min(max(unixTime, -62_167_219_200), 253_402_300_799)
    let (days, seconds) = (
      limited / 86_400 - (limited % 86_400 < 0 ? 1 : 0), (limited % 86_400 + 86_400) % 86_400
    )
    let (year, month, day) = civil(days: days)
    func digits(_ value: Int64, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    let clock = "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
    return "\(date)T\(clock)" + (milliseconds.map { "." + digits(Int64($0), 3) } ?? "") + "Z"
  }

  /// The Unix time of a text that `text` gives, with a fraction of up to 9 digits, which is dropped; nil for anything else,
  /// such as another time zone, lower case, or a day that the month does not have.
  public static func unixTime(of text: String) -> Int64? { unixTime(of: text.utf8.span) }

  /// The same for bytes of ASCII.
  package static func unixTime(of bytes: Span<UInt8>) -> Int64? {
    guard (20...30).contains(bytes.count), bytes[bytes.count - 1] == UInt8(ascii: "Z") else { return nil }
    func number(_ range: Range<Int>) -> Int64? {
      var value: Int64 = 0
      for i in range {
        guard ASCII.isDigit(bytes[i]) else { return nil }
        value = value * 10 + Int64(bytes[i] - 48)
      }
      return value
    }
    func isMark(_ place: Int, _ mark: Unicode.Scalar) -> Bool { bytes[place] == UInt8(ascii: mark) }
    let hasFraction =
      bytes.count > 21 && isMark(19, ".") && (20..<bytes.count - 1).allSatisfy { ASCII.isDigit(bytes[$0]) }
    guard isMark(4, "-"), isMark(7, "-"), isMark(10, "T"), isMark(13, ":"), isMark(16, ":"),
      bytes.count == 20 || hasFraction, let year = number(0..<4), let month = number(5..<7),
      let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16),
      let second = number(17..<19), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second < 60
    else { return nil }
    let days = days(year, month, day)
    guard civil(days: days) == (year, month, day) else { return nil }  // 31 February would be 3 March
    return days * 86_400 + hour * 3600 + minute * 60 + second
  }

  // The proleptic Gregorian calendar, counted from 1 March of year 0 so that a leap day ends a year: 146,097 days make
  // 400 years (ISO 8601).

  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let days = days + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}
