/**
 * A statement without what differs between two runs of the same story: names of the place, times of today, ids and hashes of objects,
 * batches and queries. Times of events stay.
 */
export function steady(statement: string, place: { readonly bucket: string; readonly schema: string }): string {
  return (
    statement
      .replaceAll(place.bucket, 'sparkify-raw')
      .replaceAll(place.schema, 'sparkify')
      // The suffix of a scratch schema.
      .replaceAll(/sparkify_verify_\w+/g, 'sparkify_verify_1')
      .replaceAll(/\b\d{8}T\d{6}-[0-9a-f]{12}\b/g, '20181115T120000-000000000000')
      .replaceAll(/'20(?:[3-9]\d|2[5-9])-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?'/g, "'2030-01-01 00:00:00'")
      .replaceAll(/'20(?:[3-9]\d|2[5-9])-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z'/g, "'2030-01-01T00:00:00Z'")
      .replaceAll(/\b[0-9a-f]{32}\b/g, '0'.repeat(32))
      // Runs of verify and of the start-up check, the random part of a manifest's name, and days of batches.
      .replaceAll(/'[0-9a-f]{12}'/g, "'000000000000'")
      .replaceAll(/(verify|check)\/[0-9a-f]{12}\//g, '$1/000000000000/')
      .replaceAll(/manifest-[0-9a-z]+\.json/g, 'manifest-000000.json')
      .replaceAll(/batches\/\d{4}\/\d\d\/\d\d\//g, 'batches/2018/11/15/')
      // The checksum of versions in the plan of a retraction.
      .replaceAll(/'(versions \d+) \d+,/g, "'$1 1,")
      // Ids of queries.
      .replaceAll(/'\d+(?:,\d+)*'/g, "'1'")
  );
}
