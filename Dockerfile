# Layered: dependencies change seldom, the application often. The AOT cache is made by a start of the demo that stops once the
# context is loaded. Runs as nobody in particular, with nothing to write but /tmp.
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
RUN mvn -B -q package -DskipTests \
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
      --spring.profiles.active=demo --countersign.data-directory=/tmp/train \
 && rm -rf /tmp/train
EXPOSE 8080
ENTRYPOINT ["java", "-XX:AOTCache=countersign.aot", "-XX:MaxRAMPercentage=70", "--enable-native-access=ALL-UNNAMED", "-jar", "countersign.jar"]
