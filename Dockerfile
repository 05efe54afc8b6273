# Layered: dependencies change seldom, the application often. Without the demo's embedded database. The AOT cache is made by a
# start that stops once the context is loaded and needs no database; its settings are for that start only. Runs as nobody in
# particular, with nothing to write but /tmp. Out of memory it ends at once: half alive it would keep what others could take over.
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
RUN mvn -B -q package -Pserver -DskipTests \
 && java -Djarmode=tools -jar target/countersign.jar extract --layers --destination layers

FROM eclipse-temurin:25-jdk
RUN useradd --system --uid 10001 --home-dir /tmp countersign
WORKDIR /app
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
RUN chown 10001 /app
USER 10001
RUN java -XX:AOTCacheOutput=countersign.aot -Dspring.context.exit=onRefresh --enable-native-access=ALL-UNNAMED -jar countersign.jar \
      --spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none --spring.datasource.username=none \
      --spring.flyway.enabled=false --spring.flyway.url=none --spring.flyway.user=none --spring.jpa.hibernate.ddl-auto=none \
      --spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false \
      --countersign.secrets.key="$(head -c 32 /dev/urandom | base64)" --countersign.record.key="$(head -c 32 /dev/urandom | base64)"
EXPOSE 8080
ENTRYPOINT ["java", "-XX:AOTCache=countersign.aot", "-XX:MaxRAMPercentage=70", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED", "-jar", "countersign.jar"]
